"""The plugin in a PULUMI_HOME of our own."""

import signal
import subprocess
from pathlib import Path

import pytest

from local.aws.install import install
from local.errors import LocalError


@pytest.fixture
def pulumi(tmp_path: Path) -> Path:
    """A stand-in for the CLI that copies the plugin where the real one does, and counts its calls."""
    cli = tmp_path / "pulumi"
    cli.write_text(
        "#!/bin/sh\n"
        f"echo called >> {tmp_path}/calls\n"
        '[ -e "$PULUMI_HOME/refuse" ] && { echo "error: no" >&2; exit 255; }\n'
        'folder="$PULUMI_HOME/plugins/resource-aws-v$5"\n'
        'mkdir -p "$folder" && cp "$8" "$folder/pulumi-resource-aws"\n'
    )
    cli.chmod(0o755)
    return cli


def test_installs_a_script_that_is_the_plugin(tmp_path: Path, pulumi: Path) -> None:
    """What is installed prints its port and ends when it is interrupted, as the engine expects of a plugin."""
    install(tmp_path / "home", pulumi=pulumi)
    plugin = tmp_path / "home" / "plugins" / "resource-aws-v7.51.1" / "pulumi-resource-aws"
    with subprocess.Popen([plugin, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def test_installs_once(tmp_path: Path, pulumi: Path) -> None:
    """A plugin that is there already costs no call of the CLI; one that was changed is put right."""
    install(tmp_path / "home", pulumi=pulumi)
    install(tmp_path / "home", pulumi=pulumi)
    assert (tmp_path / "calls").read_text() == "called\n"
    plugin = tmp_path / "home" / "plugins" / "resource-aws-v7.51.1" / "pulumi-resource-aws"
    plugin.write_text("#!/bin/sh\n")
    install(tmp_path / "home", pulumi=pulumi)
    assert "local.aws" in plugin.read_text()


def test_leaves_the_users_home_alone(tmp_path: Path, pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own ~/.pulumi holds the real plugin and is refused."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(LocalError, match="is your own"):
        install(tmp_path / ".pulumi", pulumi=pulumi)


def test_a_refusal_of_the_cli_is_one_sentence(tmp_path: Path, pulumi: Path) -> None:
    """The CLI's reason is told."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "refuse").touch()
    with pytest.raises(LocalError, match="could not be installed: error: no"):
        install(tmp_path / "home", pulumi=pulumi)
