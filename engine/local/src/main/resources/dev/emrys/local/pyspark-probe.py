# Prints, one a line: the version of Python, its program, the folder of the user's packages, the version of pyspark, its folder, whether
# there is pip.
import sys

# The working folder, where python -c would find other files.
sys.path = [entry for entry in sys.path if entry]
import importlib.util, platform, site

pyspark = ""
folder = ""
if importlib.util.find_spec("pyspark"):
    try:
        import pyspark.version

        folder = pyspark.__path__[0]
        pyspark = pyspark.version.__version__
    except Exception:
        pass
print(platform.python_version())
print(sys.executable)
print(site.getusersitepackages() if site.ENABLE_USER_SITE else "")
print(pyspark)
print(folder)
print("pip" if importlib.util.find_spec("pip") else "")
