"""Sign-in by an identity provider: authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response

from dashboards.web.sign_in.configuration import Provider
from schemas.members import normalize_address

LOG: Final = logging.getLogger(__name__)
PROVIDER_TIMEOUT_S: Final = 8.0
CLOCK_LEEWAY_S: Final = 120
"""Seconds by which the clocks of the provider and of this machine may differ."""
SIGNED_USERINFO: Final = "application/jwt"
"""Media type of a userinfo answer that is signed (OpenID Connect Core 1.0, 5.3.2), as ProConnect's."""
SIGNING_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Algorithms of signatures with a key pair; « none » and shared keys are no proof of who signed."""


@dataclass(frozen=True)
class Identity:
    """Somebody whom a provider vouches for, by a verified mail address in lower case."""

    address: str


@dataclass(frozen=True)
class NotVouchedFor:
    """The provider answered, and nobody is signed in: `reason` is a message key."""

    reason: str


class Providers:
    """The identity providers of a site."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        """Register them; nothing is asked of them yet."""
        self.providers = providers
        self._oauth = OAuth()
        # Authlib opens a client for each question, each of which would read all certificates of authorities again.
        trusted = httpx2.create_ssl_context() if providers else True
        for name, provider in providers.items():
            self._oauth.register(
                name,
                client_id=provider.client_id,
                client_secret=provider.client_secret.get_secret_value(),
                server_metadata_url=provider.server_metadata_url,
                client_kwargs={
                    "scope": provider.scope,
                    "code_challenge_method": "S256",
                    "timeout": PROVIDER_TIMEOUT_S,
                    "verify": trusted,
                    # No secret goes to an address that the provider did not publish.
                    "follow_redirects": False,
                },
            )

    async def redirect(self, name: str, request: Request, callback_url: str) -> Response | NotVouchedFor:
        """Send a reader to a provider, or say that it cannot be reached."""
        try:
            response: Response = await self._oauth.create_client(name).authorize_redirect(request, callback_url)
        except (httpx2.HTTPError, OAuthError, ValueError, KeyError, RuntimeError) as failure:
            return _refuse(name, "sign_in.provider.down", failure)
        return response

    async def identify(self, name: str, request: Request) -> Identity | NotVouchedFor:
        """Exchange the code of a callback for who its reader is."""
        client = self._oauth.create_client(name)
        try:
            metadata = await _metadata(client)
            token = await client.authorize_access_token(
                request,
                leeway=CLOCK_LEEWAY_S,
                claims_options={
                    "iss": {"essential": True, "values": [metadata["issuer"]]},
                    "aud": {"essential": True, "value": client.client_id},
                    "sub": {"essential": True},
                },
            )
            claims = dict(token["userinfo"])
            if "email" not in claims:
                # Providers that conform give it here only, as the code flow has an access token.
                claims |= await _userinfo(client, metadata, token, claims["sub"])
        except httpx2.HTTPError as failure:
            return _refuse(name, "sign_in.provider.down", failure)
        except OAuthError as failure:
            key = "sign_in.provider.denied" if failure.error == "access_denied" else "sign_in.provider.refused"
            return _refuse(name, key, failure)
        except (JoseError, ValueError, KeyError, RuntimeError, TypeError) as failure:
            return _refuse(name, "sign_in.provider.refused", failure)
        return self._identity(name, claims)

    def _identity(self, name: str, claims: Mapping[str, Any]) -> Identity | NotVouchedFor:
        address = normalize_address(str(claims.get("email", "")))
        # An address that its owner typed into an account, and the provider did not verify, may be somebody else's.
        is_verified = claims.get("email_verified", self.providers[name].addresses_are_verified)
        if address is None or is_verified not in (True, "true"):
            return _refuse(name, "sign_in.provider.unverified", None)
        return Identity(address)


async def _metadata(client: Any) -> Mapping[str, Any]:
    """Return what a provider publishes about itself, without the signatures that prove nothing."""
    metadata: dict[str, Any] = await client.load_server_metadata()
    published = metadata.get("id_token_signing_alg_values_supported", ())
    # Without any, Authlib takes RS256, which every provider must offer.
    metadata["id_token_signing_alg_values_supported"] = [name for name in published if name in SIGNING_ALGORITHMS]
    return metadata


async def _userinfo(
    client: Any, metadata: Mapping[str, Any], token: Mapping[str, Any], subject: str
) -> Mapping[str, Any]:
    """Return the claims of the userinfo endpoint, signed or not; a `ValueError` if they are of somebody else."""
    answer = await client.get(metadata["userinfo_endpoint"], token=token)
    answer.raise_for_status()
    if answer.headers.get("content-type", "").partition(";")[0].strip() == SIGNED_USERINFO:
        keys = KeySet.import_key_set(await client.fetch_jwk_set())
        signed = jwt.decode(answer.text, keys, algorithms=list(SIGNING_ALGORITHMS))
        registry = jwt.JWTClaimsRegistry(
            leeway=CLOCK_LEEWAY_S,
            iss={"essential": True, "value": metadata["issuer"]},
            aud={"essential": True, "value": client.client_id},
        )
        registry.validate(signed.claims)
        claims: Mapping[str, Any] = signed.claims
    else:
        claims = answer.json()
    if claims["sub"] != subject:
        raise ValueError("userinfo is of another subject")
    return claims


def _refuse(name: str, reason: str, failure: Exception | None) -> NotVouchedFor:
    # Never a token, a code or an address: only what kind of failure it was.
    detail = getattr(failure, "error", "") or type(failure).__name__ if failure else ""
    LOG.warning("provider %s: %s %s", name, reason, detail)
    return NotVouchedFor(reason)
