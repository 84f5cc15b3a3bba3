"""The own second factor: set up with a generator of codes, confirmed by its first one, and removed."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from commands.accounts.remove_second_factor import RemoveSecondFactor
from commands.accounts.set_second_factor import SetSecondFactor
from dispatch.domain.refusal import NotNow
from dispatch.service.http.answers import GUESSED, Done, Enrolment, RecoveryCodes
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.routes import API
from dispatch.service.http.routes.session import Code, OwnPassword, Password, claim_of
from dispatch.service.http.text import Body

router = APIRouter(
    prefix=f"{API}/session/second-factor", tags=["session"], responses=GUESSED, route_class=JsonRoute
)


class SecondFactorRequired(NotNow):
    """This role needs a second factor: set a new one up instead of removing it."""


class ProofBody(Body):
    """The present password, and a code where there is a second factor already."""

    password: Password
    code: Code | None = None


class FirstCode(Body):
    """What the new generator shows."""

    code: Code


@router.post("", status_code=201, response_model=Enrolment, summary="Set a second factor up")
async def begin(body: ProofBody, desk: OwnPassword) -> Response:
    """The generator comes into force by its first code, within a quarter of an hour."""
    reception = desk.runtime.reception
    await reception.prove_again(desk.account, claim_of(desk, body.password, body.code))
    made = await reception.factors.begin(desk.account)
    return JSONResponse(made._asdict(), 201, {"Cache-Control": "no-store"})


@router.put("", response_model=RecoveryCodes, summary="Confirm the second factor by its first code")
async def confirm(body: FirstCode, desk: OwnPassword) -> Response:
    """Every other session of the account ends. The recovery codes are shown here and never again."""
    reception, account = desk.runtime.reception, desk.account.account
    made = await reception.factors.confirmed(desk.account, body.code)
    command = SetSecondFactor(account=account, factor=made.factor, kept=desk.entered.proof)
    outcome = await desk.outcome(command)
    await reception.settled(account)
    headers = {"Dispatch-Position": str(outcome.position), "Cache-Control": "no-store"}
    answer = {"recovery_codes": made.recovery_codes, "position": outcome.position}
    return JSONResponse(answer, headers=headers)


@router.post("/remove", response_model=Done, summary="Remove the second factor")
async def remove(body: ProofBody, desk: OwnPassword) -> Response:
    """Every other session of the account ends; from then on the password alone signs in."""
    reception, account = desk.runtime.reception, desk.account
    if account.role in desk.runtime.settings.needing_second_factor:
        raise SecondFactorRequired
    await reception.prove_again(account, claim_of(desk, body.password, body.code))
    response = await desk.carry_out(RemoveSecondFactor(account=account.account, kept=desk.entered.proof))
    await reception.settled(account.account)
    return response
