"""The year's 326 disputes: entered into the ledger, mediated level by level, struck off one by one."""

import hashlib
import random
from typing import Final

from dispatch.demo.town import GRIDS, MEDIATORS, OPERATORS
from dispatch.demo.year.cases import reported
from dispatch.demo.year.plan import Chain, Plan

DISPUTES: Final = 326
IN_THE_COURTYARD: Final = 285
"""Resolved by the villagers' mediation in the courtyard."""
MAJOR: Final = 18
"""Resolved by village and town together."""
RETURNED: Final = 3
"""Of those resolved in the courtyard, how many flare up once more."""
LONGEST: Final = 190
"""Working moments that the longest course takes."""

KINDS: Final = {
    "family": ("赡养纠纷", "婚姻家庭纠纷", "兄弟分家纠纷"),
    "neighbours": ("相邻排水纠纷", "宅基地边界纠纷", "噪声引发邻里纠纷"),
    "land": ("承包地流转纠纷", "山林权属纠纷", "田坎边界纠纷"),
    "housing": ("建房采光纠纷", "房屋漏水赔偿纠纷"),
    "debt": ("民间借贷纠纷", "合伙账目纠纷"),
    "labour": ("务工工资纠纷", "零工受伤赔偿纠纷"),
    "injury": ("交通事故赔偿纠纷", "牲畜伤人赔偿纠纷"),
}


def evidence(name: object) -> list[str]:
    """Return the digest of a paper that does not exist."""
    return [hashlib.sha256(f"paper {name}".encode()).hexdigest()]


class _Dispute:
    """One dispute and the people around it."""

    def __init__(self, plan: Plan, chance: random.Random) -> None:
        self.chance = chance
        self.grid = chance.randrange(len(GRIDS))
        n = self.grid + 1
        self.mediator = f"mediator-{n}-{chance.randint(1, MEDIATORS)}"
        self.chief = f"chief-{n}"
        self.operator, self.striker = chance.sample(OPERATORS, 2)
        self.kind = chance.choice(tuple(KINDS))
        body = {
            "grid": GRIDS[self.grid].code,
            "category": "dispute",
            "title": chance.choice(KINDS[self.kind]),
            "source": "inspection",
            "channel": "in_person",
            "severity": "3",
        }
        places = plan.hours.working
        at = chance.randrange(len(places) - LONGEST)
        self.chain: Chain = reported(plan, self.mediator, body, places=places, at=at)

    def registered(self, *, major: bool = False) -> None:
        """Enter it into the ledger and ask the courtyard's mediator to mediate."""
        self.chain.then(1, self.operator, "accept").turned_into("disputes")
        self.chain.then(1, self.operator, "register")
        self.assigned(self.mediator, major=major)

    def assigned(self, mediator: str, *, major: bool) -> None:
        """Say what it is about and who mediates."""
        self.chain.then(0, self.operator, "classify", {"kind": self.kind, "major": major})
        self.chain.then(1, self.operator, "assign", {"mediator": mediator})

    def mediated(self, mediator: str, level: str) -> None:
        """Begin the mediation at a level."""
        self.chain.then(self.chance.randint(2, 10), mediator, "mediate", {"level": level})

    def failed(self, mediator: str, next_mediator: str) -> None:
        """Give up at this level and ask somebody at the next."""
        self.chain.then(self.chance.randint(2, 8), mediator, "fail", {"reason": "双方分歧较大"})
        self.chain.then(1, self.operator, "assign", {"mediator": next_mediator})

    def agreed(self, mediator: str, *jointly: str) -> None:
        """Record the agreement and that the parties kept it."""
        paper = evidence(self.chain.item)
        body = {"terms": "双方自愿达成调解协议", "jointly_with": list(jointly), "evidence": paper}
        self.chain.then(self.chance.randint(1, 14), mediator, "agree", body)
        self.chain.then(self.chance.randint(3, 24), mediator, "perform", {"evidence": paper})

    def struck_off(self) -> None:
        """Ask whether it has stayed settled and strike it off the ledger."""
        self.chain.then(self.chance.randint(6, 30), self.striker, "follow-up", {"settled": True})
        body = {"note": "已履行到位，予以销号", "evidence": evidence(self.chain.item)}
        self.chain.then(self.chance.randint(1, 4), self.striker, "strike-off", body)


def _in_the_courtyard(dispute: _Dispute, *, returned: bool) -> None:
    dispute.registered()
    dispute.mediated(dispute.mediator, "courtyard")
    dispute.agreed(dispute.mediator)
    if returned:
        asked = {"settled": False, "note": "一方反悔"}
        dispute.chain.then(6, dispute.striker, "follow-up", asked)
        dispute.assigned(dispute.mediator, major=False)
        dispute.mediated(dispute.mediator, "courtyard")
        dispute.agreed(dispute.mediator)
    dispute.struck_off()


def _in_the_village(dispute: _Dispute, *, major: bool) -> None:
    dispute.registered(major=major)
    dispute.mediated(dispute.mediator, "courtyard")
    dispute.failed(dispute.mediator, dispute.chief)
    dispute.mediated(dispute.chief, "village")
    if major:
        dispute.agreed(dispute.chief, "town")
    else:
        dispute.agreed(dispute.chief)
    dispute.struck_off()


def plan_disputes(plan: Plan) -> None:
    """Plan the year's disputes, every one of them resolved and struck off."""
    chance = random.Random(f"disputes {plan.seed}")  # noqa: S311 - a plan, not a secret
    for number in range(DISPUTES):
        dispute = _Dispute(plan, chance)
        if number < IN_THE_COURTYARD:
            _in_the_courtyard(dispute, returned=number < RETURNED)
        else:
            _in_the_village(dispute, major=number < IN_THE_COURTYARD + MAJOR)
