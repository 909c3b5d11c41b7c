from __future__ import annotations

from bench.progress import steps


def test_without_a_terminal_a_line_says_what_is_under_way(capsys):
    with steps("timing", 12) as step:
        for title in ("flatten", "map_1"):
            step(title)
        printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "timing: 12 steps ...\n"
    assert capsys.readouterr() == ("", "")
