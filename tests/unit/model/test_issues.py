from dataclasses import replace

import pytest

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue, by_subject

WHOLE_RUN = Issue(IssueCode.SHORTENED, "message", "remedy")


@pytest.mark.parametrize(
    ("issue", "subject"),
    [
        (WHOLE_RUN, "run"),
        (replace(WHOLE_RUN, space="SALES"), "SALES"),
        (replace(WHOLE_RUN, space="SALES", asset="SAP.TIME.V"), "SALES.SAP.TIME.V"),
        (replace(WHOLE_RUN, check="glue access"), "glue access"),
    ],
)
def test_the_subject_is_the_object_as_text(issue: Issue, subject: str) -> None:
    assert issue.subject == subject


def test_issues_are_sorted_by_their_object_then_by_code_and_message() -> None:
    first = replace(WHOLE_RUN, space="HR")
    second = replace(first, space="SALES", code=IssueCode.COMMENT_CUT)
    third = replace(second, code=IssueCode.TYPE_LOSS, message="a")
    fourth = replace(third, message="b")

    assert sorted([fourth, second, third, first], key=by_subject) == [first, second, third, fourth]
