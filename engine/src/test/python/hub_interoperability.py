"""Shares a cache between Qwark and huggingface_hub, both ways, with a hub on the loopback interface.

Usage: python hub_interoperability.py MODEL_FOLDER COMMAND...
where COMMAND is ./submit.sh. Needs huggingface_hub; results are printed, and a difference ends the script with an error.
"""

import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.parse

MODEL = "team/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files = {}

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path in (f"/api/models/{MODEL}", f"/api/models/{MODEL}/revision/main", f"/api/models/{MODEL}/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in self.files]
            self.send(json.dumps({"id": MODEL, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}).encode())
        elif path == f"/api/models/{MODEL}/tree/{COMMIT}":
            self.send(json.dumps([self.entry(*file) for file in self.files.items()]).encode())
        elif path.startswith(f"/{MODEL}/resolve/"):
            name = path.split("/", 5)[5]
            content = self.files[name]
            etag = hashlib.sha256(content).hexdigest() if name.endswith(".safetensors") else git_blob(content)
            self.send(content, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})
        else:
            self.send_error(404)

    @staticmethod
    def entry(name, content):
        entry = {"type": "file", "path": name, "size": len(content), "oid": git_blob(content)}
        if name.endswith(".safetensors"):
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return entry

    def send(self, body, headers={}):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        for header in headers.items():
            self.send_header(*header)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def same(folder, expected):
    for name, content in expected.items():
        assert (pathlib.Path(folder) / name).read_bytes() == content, name


def main():
    folder, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    Hub.files = {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
        os.environ["HF_HOME"] = f"{work}/unused"
        import huggingface_hub

        def qwark(cache, **more):
            environment = os.environ | {"HF_HUB_CACHE": cache} | more
            return subprocess.run(
                [*command, "model", "fetch", MODEL], env=environment, check=True, stdout=subprocess.PIPE, text=True
            ).stdout.strip()

        ours = f"{work}/ours"
        fetched = qwark(ours)
        same(fetched, Hub.files)
        theirs = huggingface_hub.snapshot_download(MODEL, cache_dir=ours, local_files_only=True)
        assert theirs == fetched, (theirs, fetched)
        one = huggingface_hub.hf_hub_download(MODEL, "config.json", cache_dir=ours, local_files_only=True)
        assert one == f"{fetched}/config.json", one
        scan = huggingface_hub.scan_cache_dir(ours)
        assert not scan.warnings, scan.warnings
        (repo,) = scan.repos
        assert repo.nb_files == len(Hub.files), repo
        before = {p: p.stat().st_mtime_ns for p in pathlib.Path(ours).rglob("blobs/*")}
        assert huggingface_hub.snapshot_download(MODEL, cache_dir=ours) == fetched
        assert before == {p: p.stat().st_mtime_ns for p in pathlib.Path(ours).rglob("blobs/*")}
        print(f"huggingface_hub {huggingface_hub.__version__} uses what Qwark fetched: {repo.nb_files} files")

        cache = f"{work}/theirs"
        downloaded = huggingface_hub.snapshot_download(MODEL, cache_dir=cache)
        assert qwark(cache, HF_HUB_OFFLINE="1") == downloaded
        before = {p: p.stat().st_mtime_ns for p in pathlib.Path(cache).rglob("blobs/*")}
        assert qwark(cache) == downloaded
        assert before == {p: p.stat().st_mtime_ns for p in pathlib.Path(cache).rglob("blobs/*")}
        print("Qwark uses what huggingface_hub fetched, offline and online")


main()
