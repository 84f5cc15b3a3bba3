"""What is kept of something that signs in opens as its account's, under its id and by its vault alone."""

import pytest

from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.sign_in.bindings import (
    Binding,
    bound_code,
    bound_hash,
    bound_secret,
    is_bound,
    opened_code,
    opened_hash,
    opened_secret,
)
from dispatch.service.tokens import digest_of
from tests.vaults import VAULT

OTHER = Vault(new_root())
KEPT = digest_of("what is kept")


@pytest.mark.parametrize(
    ("bind", "opened"),
    [(bound_hash, opened_hash), (bound_secret, opened_secret), (bound_code, opened_code)],
)
def test_what_is_kept_opens_as_what_it_was_bound_to(bind: Binding, opened: Binding) -> None:
    kept = bind(VAULT, "owner", "ab" * 16, KEPT)
    assert is_bound(kept)
    assert opened(VAULT, "owner", "ab" * 16, kept) == KEPT
    elsewhere = [(VAULT, "owner", "cd" * 16, kept), (OTHER, "owner", "ab" * 16, kept)]
    if opened is not opened_secret:  # whose a generator is, the log says by its id alone
        elsewhere.append((VAULT, "thief", "ab" * 16, kept))
    as_others = [(VAULT, "owner", "ab" * 16, one) for one in (KEPT, kept[:-1], f"{kept}a")]
    for asked in (*elsewhere, *as_others):
        with pytest.raises(Unopenable):
            opened(*asked)
