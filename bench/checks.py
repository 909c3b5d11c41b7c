"""Before the clock starts: does each competitor give the reference's answer?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.answers import Answer, ask, same_items, same_items_in_any_order, same_tree
from bench.competitors import BASELINE, Call, Competitor, Inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bench.operations import Operation
    from bench.workloads import Workload


@dataclass(frozen=True)
class CheckedCall:
    """A competitor's call for one row, after its answer was compared.

    There is nothing to time when the competitor has no such call (`unsupported` says why) or
    when its answer differs from the reference's (`difference` says how). `note` tells of a
    documented difference that does not change the work.
    """

    call: Call | None = None
    note: str | None = None
    unsupported: str | None = None
    difference: str | None = None


@dataclass(frozen=True)
class CheckedRow:
    """One workload and operation, with the checked call of each competitor by name."""

    workload: Workload
    operation: Operation
    calls: Mapping[str, CheckedCall] = field(default_factory=dict)


def check(
    workloads: Sequence[Workload],
    operations: Sequence[Operation],
    competitors: Sequence[Competitor],
    started: Callable[[str], None] = lambda _title: None,
) -> Iterable[CheckedRow]:
    """Compare all answers, row by row; `started` is told the title of each workload."""
    for workload in workloads:
        started(workload.name)
        trees = workload.trees()
        inputs = {
            competitor.name: _inputs_or_error(competitor, workload, trees)
            for competitor in competitors
        }
        for operation in filter(workload.fits, operations):
            yield _check_row(workload, operation, competitors, inputs)


def _inputs_or_error(
    competitor: Competitor, workload: Workload, trees: Sequence[object]
) -> Inputs | Exception:
    try:
        return competitor.inputs(workload, trees)
    except Exception as error:  # whatever a competitor raises is a finding, not our failure
        return error


def _check_row(
    workload: Workload,
    operation: Operation,
    competitors: Sequence[Competitor],
    inputs: Mapping[str, Inputs | Exception],
) -> CheckedRow:
    by_name = {competitor.name: competitor for competitor in competitors}
    reference = by_name[BASELINE]
    reference_inputs = inputs[BASELINE]
    if isinstance(reference_inputs, Exception):
        raise reference_inputs
    reference_call = reference.call(workload, operation, reference_inputs)
    expected = ask(operation, reference, reference_call, reference_inputs)
    return CheckedRow(
        workload,
        operation,
        {
            name: _check_call(workload, operation, competitor, inputs[name], expected)
            for name, competitor in by_name.items()
        },
    )


def _check_call(
    workload: Workload,
    operation: Operation,
    competitor: Competitor,
    inputs: Inputs | Exception,
    expected: Answer,
) -> CheckedCall:
    reason = competitor.why_not(workload, operation)
    if reason is not None:
        return CheckedCall(unsupported=reason)
    if isinstance(inputs, Exception):
        return CheckedCall(difference=_raised(inputs))
    call = competitor.call(workload, operation, inputs)
    try:
        answer = ask(operation, competitor, call, inputs)
    except Exception as error:  # as above
        return CheckedCall(difference=_raised(error))
    return _compare(call, expected, answer, competitor.order_note)


def _raised(error: Exception) -> str:
    return f"raised {type(error).__name__}: {error}"


def _compare(call: Call, expected: Answer, answer: Answer, order_note: str | None) -> CheckedCall:
    if expected.value != answer.value:
        return CheckedCall(difference=f"answered {answer.value!r}, not {expected.value!r}")
    if not same_tree(expected.tree, answer.tree):
        return CheckedCall(difference="built another tree")
    if expected.items is None or answer.items is None:
        return CheckedCall(call)
    if same_items(expected.items, answer.items):
        return CheckedCall(call)
    if not same_items_in_any_order(expected.items, answer.items):
        return CheckedCall(difference="found other leaves or paths")
    if order_note is None:
        return CheckedCall(difference="found the leaves in another order")
    return CheckedCall(call, note=order_note)
