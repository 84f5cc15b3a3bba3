"""Passwords that are guessed first are refused, and what nobody guesses isn't."""

import asyncio
import re
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Literal

import pytest
from argon2 import PasswordHasher

from dispatch.domain.accounts import Account, Role
from dispatch.service.sign_in.guessable import own_characters
from dispatch.service.sign_in.passwords import (
    Passwords,
    PasswordUnacceptable,
    first_password,
    require_acceptable,
)

CHEN = Account(account="chen-fang", name="陈芳", role=Role.OPERATOR, scope="500115101", member="chen-f")


@pytest.mark.parametrize(
    "weak",
    [
        "password1234",
        "Password1234!",
        "P@ssw0rd2024",
        "passwordpassword",
        "qwertyuiop123",
        "1qaz2wsx3edc4rfv",
        "woaini1314520",
        "woaini5201314",
        "WoAiNi1314woaini",
        "5201314520131",
        "123456789abc",
        "123456789a123456789a",
        "abcdefghijkl1",
        "admin@123456",
        "chongqing2023",
        "zhongguo888888",
        "wanggeyuan123456",
        "19850203198502031",
        "138123456789",
        "iloveyou12345",
        "万顺镇2023123456",
        "万顺 500115101 1234",
        "陈芳 is my name!",
        "letmein-letmein",
        "Abcd1234!@#$",
        "Qwer1234!@#$",
        "a1b2c3d4e5f6",
        "Cisco@123456",
        "woshinidie123",
        "wanshun20232023",
        "duxinzhi2023!",
        "DuXinZhi@19880808",
        "ouyangxiaoming1",
        "short",
    ],
)
def test_what_many_take_or_anybody_knows_is_refused(weak: str) -> None:
    with pytest.raises(PasswordUnacceptable):
        require_acceptable(weak, CHEN, known=("万顺镇",))


@pytest.mark.parametrize(
    "strong",
    [
        "correct horse battery staple",
        "correct horse battery",
        "竹篮打水 灯塔 犁 二十四",
        "村口的老黄桷树下有三张石凳",
        "kV8-tuLqe2zRm",
        "zebra kite 1998 quilt",
        "gaoshan-liushui-yudian",
        "women gaoshan liushui yudian",
        "change bananas at noon",
        "tU4-lemon-kRw92q",
    ],
)
def test_what_nobody_guesses_is_taken(strong: str) -> None:
    require_acceptable(strong, CHEN, known=("万顺镇",))


OWN = "kV8-tuLqe2zR"


@pytest.mark.parametrize(
    ("password", "told"),
    [
        (OWN[:-1], {"length": 11}),
        (OWN + "".join(map(chr, range(0x4E00, 0x4E00 + 245))), {"length": 257}),
        ("kV8-kk8VV-8k-V", {"different": 4}),
        ("839204175629384756", {"own": 0}),
        (OWN + " Li Wenbo", {"holds": "the account's name"}),
        (OWN + " li-wb", {"holds": "the account's name"}),
        (OWN + " EXTRA", {"holds": "the account's name"}),
        (OWN, {"same": "as before"}),
    ],
)
def test_what_is_refused_is_told_why(password: str, told: dict[str, object]) -> None:
    whose = Account(account="extra", name="li wenbo", role=Role.OPERATOR, scope="500115101", member="LI-WB")
    with pytest.raises(PasswordUnacceptable) as refused:
        require_acceptable(password, whose, old=OWN)
    assert refused.value.details == told


@pytest.mark.parametrize(
    ("password", "own"),
    [
        ("kv8tqz", 6),
        ("kv8tqzkv8tqz", 6),
        ("kv8abcq", 5),
        ("kv8cbaq", 5),
        ("kv8aaaq", 5),
        ("kv8abq", 6),
        ("papasswordss", 4),
        ("kv8tqPASSWORD", 5),
    ],
)
def test_what_is_a_persons_own_is_counted(password: str, own: int) -> None:
    assert own_characters(password) == own


@pytest.mark.parametrize("guessed", ["passwordpassword", "万顺 万顺 万顺 ", "500115101 "])
def test_six_characters_of_ones_own_are_taken_and_five_are_not(guessed: str) -> None:
    with pytest.raises(PasswordUnacceptable) as refused:
        require_acceptable(f"{guessed}kV8tq", CHEN, known=("万顺镇",))
    assert refused.value.details == {"own": 5}
    require_acceptable(f"{guessed}kV8tqZ", CHEN, known=("万顺镇",))


def test_the_shortest_and_the_longest_are_taken() -> None:
    longest = OWN + "".join(map(chr, range(0x4E00, 0x4E00 + 244)))
    for password in (OWN, longest):
        require_acceptable(password, CHEN, old="another one")


def test_first_passwords_would_be_taken_too() -> None:
    made = [first_password() for _ in range(500)]
    for password in made:
        require_acceptable(password, CHEN)
        assert re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}", password)
    assert len(set(made)) == len(made)


def test_no_more_than_two_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MiB: three never meet, where two do."""

    class Meeting(PasswordHasher):
        meeting = Barrier(2)

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            with suppress(BrokenBarrierError):
                self.meeting.wait(0.5)
            return True

    async def compared() -> None:
        passwords = Passwords()
        await asyncio.gather(*(passwords.matches(None, OWN) for _ in range(Meeting.meeting.parties)))

    monkeypatch.setattr("dispatch.service.sign_in.passwords.PasswordHasher", Meeting)
    for parties in (2, 3):
        Meeting.meeting = Barrier(parties)
        asyncio.run(compared())
        assert Meeting.meeting.broken is (parties == 3)
