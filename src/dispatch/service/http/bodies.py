"""The request bodies that several routes share."""

from typing import Annotated

from pydantic import Field

from dispatch.service.http.text import Body, Digest, GridCode, Id, MemberKey, Moment, Note, Reason

Evidence = Annotated[tuple[Digest, ...], Field(max_length=50, description="SHA-256 of photos and papers")]


class Why(Body):
    """A reason."""

    reason: Annotated[Reason, Field(examples=["不属于本网格"])]


class Acceptance(Body):
    """Whether the work begins at once."""

    begin: Annotated[bool, Field(description="Accept and begin to work on it in one go")] = False


class Told(Body):
    """A note, if there is something to say."""

    note: Note = ""


class Instruction(Body):
    """A leader's instruction."""

    note: Annotated[Reason, Field(examples=["请今日内办结"])]


class Work(Body):
    """What was done, with evidence; a note can be left out only where the personal data was erased."""

    note: Annotated[Note, Field(examples=["已清理完毕"])] = ""
    evidence: Evidence = ()


class Handled(Work):
    """What was done on a task, and which households were not met."""

    note: Annotated[Reason, Field(examples=["已走访"])]
    not_met: Annotated[tuple[Id, ...], Field(max_length=200, description="Households not met")] = ()


class Judgement(Body):
    """Whether the work is good; the note says what to mend if not."""

    passed: bool
    note: Note = ""


class Grant(Body):
    """Whether what was asked for is granted."""

    granted: bool
    note: Note = ""


class Pause(Body):
    """Why, and until when the clock waits."""

    reason: Reason
    until: Moment


class Handover(Body):
    """Why, and to which grid, person or department."""

    reason: Reason
    grid: GridCode | None = None
    assignee: MemberKey | None = None
