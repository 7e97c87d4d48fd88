"""What the machine must have."""

from pathlib import Path

import pytest

from local.errors import LocalError
from local.node import checks


def test_another_user_is_told_to_use_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the remedy."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(LocalError, match="as root or with sudo"):
        checks.root()


def test_missing_packages_come_as_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once, by package name."""
    monkeypatch.setattr("shutil.which", lambda program, path: None if program in {"nft", "haproxy"} else program)
    with pytest.raises(LocalError, match=r"apt-get install --yes haproxy nftables$"):
        checks.packages()


def test_a_kernel_without_overlayfs_is_refused(tmp_path: Path) -> None:
    """A file system whose name only contains the word does not count."""
    filesystems = tmp_path / "filesystems"
    filesystems.write_text("nodev\tfuse.notoverlay\n\text4\n")
    with pytest.raises(LocalError, match="overlayfs"):
        checks.kernel(filesystems, tmp_path)


def test_a_kernel_that_does_not_filter_bridges_is_refused(tmp_path: Path) -> None:
    """Without it a Service would not answer pods on the same bridge."""
    filesystems = tmp_path / "filesystems"
    filesystems.write_text("nodev\toverlay\n")
    with pytest.raises(LocalError, match="br_netfilter"):
        checks.kernel(filesystems, tmp_path / "absent")


def test_too_little_memory_or_disk_is_refused_with_both_figures(tmp_path: Path) -> None:
    """What is needed and what is there; the directory itself need not exist yet."""
    state = tmp_path / "not" / "yet"
    checks.room(state, memory_bytes=1, disk_bytes=1)
    with pytest.raises(LocalError, match=r"needs 1048576\.0 GiB of memory and this machine has \d"):
        checks.room(state, memory_bytes=1 << 50, disk_bytes=1)
    with pytest.raises(LocalError, match=r"needs 1048576\.0 GiB of free disk .* where \d"):
        checks.room(state, memory_bytes=1, disk_bytes=1 << 50)


@pytest.mark.parametrize(("capabilities", "may"), [("000001ffffffffff", True), ("000001fffeffffff", False)])
def test_the_right_to_lower_oom_scores_is_read_from_the_kernel(tmp_path: Path, capabilities: str, may: bool) -> None:
    """CAP_SYS_RESOURCE is bit 24 of the effective set."""
    status = tmp_path / "status"
    status.write_text(f"Name:\tpython\nCapPrm:\t0000000000000000\nCapEff:\t{capabilities}\n")
    assert checks.may_raise_priority(status) is may
