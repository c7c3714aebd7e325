"""Which adapters there are: found by the entry-point group `bankweave.adapters`, loaded when first used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bankweave.adapter import CONTRACT, AdapterInfo, AnyAdapter
from bankweave.errors import ConfigurationError, IncompatibleAdapter, Origin, UnknownAdapter

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from pydantic import ValidationError

GROUP = "bankweave.adapters"


class Registry:
    """The adapters that are installed, and those handed in as classes (a program's own, or a test's)."""

    def __init__(self, *own: type[AnyAdapter]) -> None:
        self._loaded: dict[str, type[AnyAdapter]] = {adapter.info.name: adapter for adapter in own}
        self._installed: Mapping[str, EntryPoint] | None = None

    def names(self) -> tuple[str, ...]:
        return tuple(sorted({*self._loaded, *self._entry_points()}))

    def infos(self) -> tuple[AdapterInfo, ...]:
        """What each of them says of itself. Raises what `load` raises for the first that cannot be loaded."""
        return tuple(self.load(name).info for name in self.names())

    def load(self, name: str) -> type[AnyAdapter]:
        """The adapter class of that name. Raises `UnknownAdapter` or `IncompatibleAdapter`."""
        if name not in self._loaded:
            self._loaded[name] = self._import(name)
        return self._loaded[name]

    def make(self, name: str, settings: Mapping[str, Any]) -> AnyAdapter:
        """Make an adapter from its settings; raises `ConfigurationError` that names what is missing or wrong."""
        from pydantic import ValidationError

        adapter = self.load(name)
        try:
            valid = adapter.settings_type.model_validate(settings)
        except ValidationError as error:
            raise ConfigurationError(_complaint(name, error), origin=Origin(adapter=name)) from None
        return adapter(valid)

    def _import(self, name: str) -> type[AnyAdapter]:
        point = self._entry_points().get(name)
        if point is None:
            installed = ", ".join(self.names()) or "none"
            message = f"no adapter {name!r} is installed (installed: {installed}); try: pip install bankweave-{name}"
            raise UnknownAdapter(message, origin=Origin(adapter=name))
        try:
            adapter: type[AnyAdapter] = point.load()
        except ImportError as error:
            message = f"the adapter {name!r} cannot be imported ({error}); reinstall bankweave-{name}"
            raise UnknownAdapter(message, origin=Origin(adapter=name)) from error
        if adapter.info.contract != CONTRACT:
            message = (
                f"the adapter {name!r} is written for contract {adapter.info.contract}, this bankweave has {CONTRACT}; "
                f"upgrade the older of the two"
            )
            raise IncompatibleAdapter(message, origin=Origin(adapter=name))
        return adapter

    def _entry_points(self) -> Mapping[str, EntryPoint]:
        from importlib.metadata import entry_points

        if self._installed is None:
            self._installed = _by_name(list(entry_points(group=GROUP)))
        return self._installed


def _by_name(points: list[EntryPoint]) -> Mapping[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in points:
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            message = f"two packages provide the adapter {point.name!r}: {other.value} and {point.value}; uninstall one"
            raise ConfigurationError(message, origin=Origin(adapter=point.name))
    return found


def _complaint(name: str, error: ValidationError) -> str:
    """Say which settings are wrong, without their values."""
    problems = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'settings'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return f"the settings of adapter {name!r} are wrong: {'; '.join(problems)} (config table [adapters.{name}])"
