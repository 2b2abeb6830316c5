"""File systems of their own below a scene's data folder, in a mount namespace that nobody else sees and that ends with us."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from campaign.scene import Scene

from terminal_app.demo.stage import StageError

_NEW_MOUNTS = 0x00020000
"""CLONE_NEWNS, unshare(2)."""
_LOOP = ("-o", "loop,errors=remount-ro")
_own_namespace: list[int] = []


def mount_memory(scene: Scene, megabytes: int) -> None:
    """The data folder as a file system of this size, in memory. Raises StageError."""
    _mount(scene, "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs")


def mount_image(scene: Scene, megabytes: int) -> None:
    """The data folder as an ext4 in a file, which goes read-only at its first error. Raises StageError."""
    image = _image(scene)
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    system("mkfs.ext4", "-q", "-F", "-m", "0", str(image))
    _mount(scene, *_LOOP, str(image))


def remount(scene: Scene) -> None:
    """Unmount the image, repair it as at a boot, and mount it again. Raises StageError."""
    system("umount", str(scene.data))
    system("e2fsck", "-p", str(_image(scene)), well=(0, 1))
    system("mount", *_LOOP, str(_image(scene)), str(scene.data))


def _image(scene: Scene) -> Path:
    return scene.folder / "disk.img"


def system(*words: str, well: tuple[int, ...] = (0,)) -> str:
    """Run a command of the system; what it printed. Raises StageError."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode not in well:
        raise StageError(f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def _mount(scene: Scene, *words: str) -> None:
    """Mount over the data folder, with what is in it. Everything that reads it has to be started from this thread, later."""
    _enter_own_namespace()
    seed = scene.folder / "seed"
    shutil.copytree(scene.data, seed)
    system("mount", *words, str(scene.data))
    scene.at_end(_leave, scene)
    scene.data.chmod(0o700)
    shutil.copytree(seed, scene.data, dirs_exist_ok=True)
    system("sync", "--file-system", str(scene.data))


def _leave(scene: Scene) -> None:
    """Unmount, however the run ended; what was on it stays as evidence."""
    if os.path.ismount(scene.data):
        shutil.copytree(scene.data, scene.folder / "mounted", ignore=shutil.ignore_patterns("reserve", "ballast"))
        system("umount", "--lazy", str(scene.data))


def _enter_own_namespace() -> None:
    if _own_namespace:
        return
    if os.geteuid() != 0:
        raise StageError("this kind mounts file systems: run as root, or under `unshare --map-root-user --mount`")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS) != 0:
        raise StageError(f"no mount namespace of our own: {os.strerror(ctypes.get_errno())}")
    system("mount", "--make-rprivate", "/")
    _own_namespace.append(os.getpid())
