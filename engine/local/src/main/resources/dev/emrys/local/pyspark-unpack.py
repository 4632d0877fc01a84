# pyspark-unpack.py FOLDER TARGET: unpacks the Python half of the one package of pyspark in FOLDER, without Spark's jars.
import os, re, shutil, sys, tarfile, zipfile

folder, target = sys.argv[1:]
WANTED = [
    # In a source package, then in a wheel.
    (re.compile(r"[^/]+/(pyspark/(?!jars/).+)"), re.compile(r"(pyspark/(?!jars/|examples/|data/|bin/|sbin/|licenses/).+)")),
    (re.compile(r"[^/]+/(lib/py4j-[^/]+\.zip)"), re.compile(r"pyspark/python/(lib/py4j-[^/]+\.zip)")),
    (re.compile(r"[^/]+/deps/(examples/.+\.py)"), re.compile(r"pyspark/(examples/src/main/python/.+\.py)")),
]


def unpack(names, wheel, read):
    for name, member in names:
        for patterns in WANTED:
            found = patterns[wheel].fullmatch(name)
            if found and ".." not in name.split("/"):
                path = os.path.join(target, found[1].replace("examples/src/main/python/", "examples/"))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with read(member) as source, open(path, "wb") as out:
                    shutil.copyfileobj(source, out)


(package,) = [name for name in os.listdir(folder) if name.startswith("pyspark-")]
package = os.path.join(folder, package)
if package.endswith(".whl"):
    with zipfile.ZipFile(package) as archive:
        unpack(((i.filename, i) for i in archive.infolist() if not i.is_dir()), True, archive.open)
else:
    with tarfile.open(package) as archive:
        unpack(((m.name, m) for m in archive if m.isfile()), False, archive.extractfile)
for needed in ("pyspark/version.py", "pyspark/worker.py", "lib"):
    if not os.path.exists(os.path.join(target, needed)):
        sys.exit("ERROR: " + package + " has no " + needed)
