"""The file of an installation's gateways."""

from pathlib import Path

import pytest

from dispatch.service.outbox import channels
from dispatch.service.outbox.channels import (
    AddressUnsuitable,
    Channels,
    ChannelsUnusable,
    NobodyThere,
    NotSent,
    OutgoingMessage,
)

GATEWAYS = {
    "dingtalk": ("dingtalk://secretsecretsecret/{address}", "13800001234", "NotifyDingTalk"),
    "wecom": ("wecombot://0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f", "", "NotifyWeComBot"),
    "feishu": ("feishu://0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f", "", "NotifyFeishu"),
    "mail": ("mailtos://user:secret@smtp.town.example?to={address}", "li@town.example", "NotifyEmail"),
    "sms": ("bulksms://user:secret@{address}", "+8613800001234", "NotifyBulkSMS"),
    "hook": ("json://hook.town.example/in?secret=x", "", "NotifyJSON"),
}
MESSAGE = OutgoingMessage("新任务", "新任务", "1-0")


@pytest.mark.parametrize("name", list(GATEWAYS))
def test_the_library_speaks_to_each_gateway_that_towns_use(name: str, tmp_path: Path) -> None:
    url, address, service = GATEWAYS[name]
    file = tmp_path / "channels.toml"
    file.write_text(f'{name} = "{url}"\n', encoding="utf-8")
    opened = channels.open_channels(file, seconds=7)
    assert opened.names == (name,)
    # One that needs no address knows by itself where it goes.
    assert opened.addressed == ((name,) if address else ())
    found = channels._library().Apprise.instantiate(opened._completed(url, address, "1-0"))
    assert type(found).__name__ == service
    assert found.request_timeout == (7, 7)


@pytest.mark.parametrize(
    "text", ['pigeon = "pigeon://loft"', 'Mail = "json://x"', "mail = 1", "mail =", 'mail = "no address"']
)
def test_a_file_that_cannot_be_meant_is_refused_without_its_secrets(text: str, tmp_path: Path) -> None:
    file = tmp_path / "channels.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ChannelsUnusable) as refused:
        channels.open_channels(file, seconds=7)
    assert "loft" not in str(refused.value.details)


def test_a_file_that_is_not_there_is_refused_and_none_at_all_is_none(tmp_path: Path) -> None:
    with pytest.raises(ChannelsUnusable):
        channels.open_channels(tmp_path / "nothing.toml", seconds=7)
    assert channels.open_channels(None, seconds=7).names == ()


@pytest.mark.parametrize("name", ["mail", "sms"])
def test_an_address_of_which_a_channel_can_make_nothing_is_refused_before_anything_is_sent(name: str) -> None:
    url, address, _ = GATEWAYS[name]
    opened = Channels({name: url}, seconds=1)
    opened.check(name, address)
    for wrong in ("li", "li@", "138"):
        with pytest.raises(AddressUnsuitable) as refused:
            opened.check(name, wrong)
        assert wrong not in str(refused.value.details.values())
        with pytest.raises(NotSent, match="address-refused"):
            opened.send(name, wrong, MESSAGE)


def test_an_address_is_not_refused_where_nobody_can_tell() -> None:
    opened = Channels(
        {"hook": "json://hook.town.example/{address}", "wecom": GATEWAYS["wecom"][0]}, seconds=1
    )
    for name, address in (("hook", "whoever"), ("wecom", "whoever"), ("mail", "li"), ("hook", "")):
        opened.check(name, address)


def test_what_has_nowhere_to_go_is_not_sent() -> None:
    opened = Channels({"mail": GATEWAYS["mail"][0]}, seconds=1)
    with pytest.raises(NobodyThere, match="address-missing"):
        opened.send("mail", "", MESSAGE)
    with pytest.raises(NotSent, match="channel-unknown"):
        opened.send("sms", "13800001234", MESSAGE)
