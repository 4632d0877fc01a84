# Prints, one a line: the version of Python, its program, the user's base folder, the version of pyspark, whether there is pip.
import sys

# The working folder, where python -c would find other files.
sys.path = [entry for entry in sys.path if entry]
import importlib.util, platform, site

pyspark = ""
if importlib.util.find_spec("pyspark"):
    try:
        import pyspark.version

        pyspark = pyspark.version.__version__
    except Exception:
        pass
print(platform.python_version())
print(sys.executable)
print(site.getuserbase())
print(pyspark)
print("pip" if importlib.util.find_spec("pip") else "")
