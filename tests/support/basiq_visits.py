"""What a person does on Basiq's consent pages, in the steps that several tests go."""

from __future__ import annotations

from person import Person

from bankweave import Flow, Redirect

GAVIN = {"Login_ID": "gavinBelson", "Password": "hooli2016"}  # at Hooli and HooliGov, which ask nothing more
WHISTLER = {"Login_ID": "Whistler", "Password": "ShowBox"}  # at Pied Piper, which asks questions
JARED = {"Login_ID": "jared", "Password": "django"}  # there too; gets a code
ANSWERS = {"What's_your_favourite_company?": "Basiq", "What's_the_ID_of_this_institution?": "AU00000"}


def follow(flow: Flow, person: Person) -> Flow:
    """Open the page that a flow sends to."""
    assert isinstance(flow.interaction, Redirect)
    person.opens(flow.interaction.url)
    return flow


def choose(person: Person, institution: str, name: str) -> None:
    person.choice(institution).check()
    person.presses("Continue")
    person.reads(f"Sign in to {name}")


def sign_in(person: Person, login: dict[str, str]) -> None:
    person.types(**login)
    person.presses("Sign in")


def share_and_return(person: Person) -> None:
    person.presses("Share")
    person.presses("Return to the application")
    person.reads("Welcome back")
