"""Bound devices (section 4)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

LIST_DEVICES = query("query ListDevices { listBoundDevices { id name } }")

DELETE_DEVICE = query("mutation DeleteDevice($deviceId: String!) { deleteBoundDevice(deviceId: $deviceId) }")

HAS_RESTRICTED_KEY = query("query HasRestrictedKey($deviceId: String!) { hasDeviceRestrictedKey(deviceId: $deviceId) }")

ADD_DEVICE_KEY = query(
    """
    mutation AddDeviceKey($deviceId: String!, $key: String!, $signature: String!) {
      addDeviceKey(deviceId: $deviceId, key: $key, signature: $signature)
    }
    """
)

REQUEST_BINDING = query(
    """
    mutation RequestDeviceBinding($deviceName: String!) {
      createDeviceBindingRequest(deviceName: $deviceName) { id confirmedAt rejectedAt }
    }
    """
)

BINDING_REQUEST = query(
    """
    query DeviceBindingRequest($id: String!) {
      getDeviceBindingRequest(id: $id) { id confirmedAt rejectedAt }
    }
    """
)

DECIDE_BINDING = query(
    """
    mutation DecideDeviceBinding($id: String!, $isConfirmation: Boolean!) {
      updateDeviceBindingRequest(id: $id, isConfirmation: $isConfirmation)
    }
    """
)
