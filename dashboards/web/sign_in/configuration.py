"""The `[auth]` section: identity providers, and whether members may also sign in by a link.

A file in TOML, named by `PILOTAGE_AUTH`: it holds secrets, and belongs to the account that serves the pages.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from indicators.errors import PilotageError

PROVIDER_NAME: Final = r"^[a-z0-9][a-z0-9-]{0,30}$"
RESERVED_NAMES: Final = frozenset({"lien"})


class Provider(BaseModel):
    """An identity provider, known by its discovery document (OpenID Connect Discovery 1.0)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1, max_length=60, description="What its button says after « Se connecter avec ».")
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    server_metadata_url: str = Field(
        # In clear, the secret and the addresses could be read on their way; nobody is between a machine and itself.
        pattern=r"^(https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/])",
        description="…/.well-known/openid-configuration",
    )
    scope: str = "openid email"
    addresses_are_verified: bool = Field(
        default=False,
        description="Whether the provider only gives addresses that it verified, and does not say so each time.",
    )


class AuthSection(BaseModel):
    """How members sign in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    links: bool = Field(default=False, description="Whether links are offered beside the providers.")
    providers: Mapping[str, Provider] = Field(default_factory=dict)

    @property
    def offers_links(self) -> bool:
        """Whether members may sign in by a link: where there is no provider, it is the only way."""
        return self.links or not self.providers


NO_PROVIDERS: Final = AuthSection()


def read_auth_section(path: Path | None) -> AuthSection:
    """Read the section; without a file there are links only. A `PilotageError` names the file and the invalid key."""
    if path is None:
        return NO_PROVIDERS
    try:
        section = tomllib.loads(path.read_text(encoding="utf-8"))["auth"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as unreadable:
        raise PilotageError(f"{path}: {unreadable}") from unreadable
    except KeyError:
        raise PilotageError(f"{path}: has no [auth] section") from None
    own = {name: value for name, value in section.items() if not isinstance(value, dict)}
    providers = {name: value for name, value in section.items() if isinstance(value, dict)}
    for name in providers:
        if name in RESERVED_NAMES or not _is_provider_name(name):
            raise PilotageError(f"{path}: auth.{name}: a provider is named in lower case, digits and hyphens")
    try:
        parsed = AuthSection(**own, providers=providers)
    except ValidationError as invalid:
        first = invalid.errors(include_input=False, include_url=False)[0]
        # Never the value: it may be a secret.
        key = ".".join(str(part) for part in first["loc"] if part != "providers")
        raise PilotageError(f"{path}: auth.{key}: {first['msg']}") from None
    return parsed.model_copy(update={"providers": MappingProxyType(dict(parsed.providers))})


def _is_provider_name(name: str) -> bool:
    import re

    return re.fullmatch(PROVIDER_NAME, name) is not None
