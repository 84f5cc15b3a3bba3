"""Passwords that are guessed first are refused, and what nobody guesses isn't."""

import pytest

from dispatch.domain.accounts import Account, Role
from dispatch.service.sign_in.passwords import PasswordUnacceptable, first_password, require_acceptable

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


def test_first_passwords_would_be_taken_too() -> None:
    for _ in range(500):
        require_acceptable(first_password(), CHEN)
