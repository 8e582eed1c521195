"""Reads the configuration of one worker from an Assay manifest (docs/manifest.md), without making the others:
    python assay_manifest.py FILE KIND INDEX trial=T user=U [experiment=E] [env:NAME=V] [secret:NAME=V] [setup=0]
"""
import json, pathlib, re, sys
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[][{},:]')
_RUN, _REFERENCE, _CAPITAL = map(re.compile, (r"(\d+)(?:-(\d+))?", r"\$\$\{|\$\{([^}]*)\}", "([A-Z])"))
_SETUP_WIDE = ("modelRpcs", "modelTopos", "msid2mwid", "dataTransferPairs", "syncParamPairs")
_load = lambda view: json.loads(bytes(view))
_at = lambda column, place: next(first + place - b for first, last, b in _runs(column) if place - b <= last - first)

class ManifestError(Exception):
    """What is wrong; the text starts with the code, as in `manifest/unbound: ...`."""

def read(path):
    """A manifest, scanned but hardly parsed; `count` and `worker` take it, or the path."""
    root = _parts(memoryview(pathlib.Path(path).read_bytes()))
    found = bytes(root.get("assayManifest", b"")).decode().strip()
    if found != "1":
        raise ManifestError(f"manifest/version: {found}, not 1" if found else "manifest/syntax: this is no manifest")
    authored, resolved = _parts(root["authored"]), _parts(root["resolved"])
    setups = zip(_parts(authored["setups"]).values(), _parts(resolved["setups"]).values())
    return {"name": _load(root["name"]), "fileroot": _load(_parts(authored["cluster"])["fileroot"]),
            "setups": {number: {**_parts(one), **_parts(other)} for number, (one, other) in enumerate(setups)}}

def count(manifest, kind, setup=0):
    """Number of workers of a kind, such as `modelWorker`; 0 where there is no such setup."""
    root = manifest if isinstance(manifest, dict) else read(manifest)
    return _load(root["setups"].get(setup, {}).get("counts", b"{}")).get(kind, 0)

def worker(manifest, kind, index, bindings, setup=0):
    """The whole configuration of one worker. Bindings: {"trial", "user", "experiment"?, "env"?: {}, "secrets"?: {}}."""
    root = manifest if isinstance(manifest, dict) else read(manifest)
    parts, total = root["setups"].get(setup, {}), count(root, kind, setup)
    workers = _load(parts.get(kind, b"null")) if type(index) is int and index < total else None
    places = ((group, before + index - first) for group in (workers or {"groups": ()})["groups"]
              for first, last, before in _runs(group["workers"]) if first <= index <= last)
    group, place = next(places, (None, 0))
    if group is None:
        raise ManifestError(f"manifest/no-such-worker: {kind} {index} of {total} in setup {setup}")
    made = {**workers["shared"], **group["own"], **{key: _at(text, place) for key, text in group["columns"].items()}}
    if kind == "modelWorker":
        made["shards"] = [_shard(workers["shards"][held["shard"]], held, place, parts) for held in group["shards"]]
    if kind in ("modelWorker", "masterWorker"):
        made.update((key, _load(parts[key])) for key in _SETUP_WIDE)
    made["workerInfo"] = {"workerTag": None, "hostKey": None, "watchKeys": None, **(made.get("workerInfo") or {}),
                          "experimentName": "${experiment}", "trialName": "${trial}", "workerIndex": index,
                          "workerType": _CAPITAL.sub(r"_\1", kind).lower(), "workerCount": total}
    known, unbound = {None: "${", "experiment": root["name"], **bindings, "cluster.fileroot": root["fileroot"]}, set()
    for prefix, table in (("env:", "env"), ("secret:", "secrets")):
        known.update((prefix + key, text) for key, text in bindings.get(table, {}).items())
    bound = _bind(made, known, unbound)
    if unbound:
        raise ManifestError("manifest/unbound: no value is bound for " + ", ".join(sorted(unbound)))
    return bound

def _parts(view):  # Views of the members of an object (by key) or an array (by number); only keys are parsed.
    depth, mark, cuts = 0, 0, []
    for token in _TOKEN.finditer(view):
        mark = view[token.start()]
        depth += (mark in b"[{") - (mark in b"]}")
        if depth < 1 or depth == 1 and mark in b"{[,:":
            cuts.append(token.start())
    if depth:
        raise ManifestError("manifest/syntax: the text ends too early")
    parts = [view[start + 1:end] for start, end in zip(cuts, cuts[1:])]
    return {_load(k): v for k, v in zip(parts[::2], parts[1::2])} if mark in b"}" else dict(enumerate(parts))

def _runs(column):  # First and last number of each run, and how many numbers stand before it.
    before = 0
    for run in _RUN.finditer(column):
        first, last = int(run[1]), int(run[2] or run[1])
        yield first, last, before
        before += last - first + 1

def _shard(template, held, place, parts):  # What all holders share, and the worker's own coordinates.
    name, topo = template["modelName"], template["topo"]
    at = dict(zip(("pipe", "data", "tensor"), held["coordinates"][place] if held["ranks"] is None else ()))
    rank = None if at else _at(held["ranks"], place)
    for axis in () if at else topo["layout"].split("-")[::-1]:
        rank, at[axis] = divmod(rank, topo[axis])
    own = {"modelName": name, "topo": topo, "ppRank": at["pipe"], "dpRank": at["data"], "tpRank": at["tensor"]}
    return {**{key: template[key] for key in template if key not in ("modelName", "topo")}, "id": own,
            "shouldInstantiate": f'{name["role"]}@{name["replicaId"]}' in _load(parts["modelNamesToInstantiate"])}

def _bind(value, known, unbound):  # A copy in which the references in texts, not in keys, are filled in.
    if isinstance(value, dict):
        return {key: _bind(part, known, unbound) for key, part in value.items()}
    if isinstance(value, list):
        return [_bind(part, known, unbound) for part in value]
    def fill(match):
        text = known.get(match[1])
        if match[1] == "cluster.fileroot":
            text = _bind(text, {**known, match[1]: None}, unbound)
        return text if isinstance(text, str) else unbound.add(match[0]) or ""
    return _REFERENCE.sub(fill, value) if isinstance(value, str) and "${" in value else value

if __name__ == "__main__":
    path, kind, index, *given = sys.argv[1:] if len(sys.argv) > 3 else sys.exit(__doc__)
    sys.tracebacklimit, bindings = 0, dict(one.split("=", 1) for one in given)
    print(json.dumps(worker(path, kind, int(index), bindings, int(bindings.pop("setup", 0)))))
