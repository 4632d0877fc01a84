"""What boto3 does by its defaults, with the keys and the endpoint of the environment. Arguments: the folder of the buckets, an empty folder."""

import os
import sys
import urllib.request

import boto3
from botocore.exceptions import ClientError

buckets, work = sys.argv[1:3]
s3 = boto3.client("s3")
bucket = "boto-bucket"


def error(call, **arguments):
    try:
        call(**arguments)
        return "none"
    except ClientError as e:
        return "%d %s" % (e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"])


assert error(s3.put_object, Bucket=bucket, Key="k", Body=b"") == "404 NoSuchBucket"
assert error(s3.create_bucket, Bucket="Not_Valid") == "400 InvalidBucketName"
s3.create_bucket(Bucket=bucket)

big = os.urandom(20 << 20)
with open(os.path.join(work, "big"), "wb") as out:
    out.write(big)
s3.upload_file(os.path.join(work, "big"), bucket, "parts/big ü+%")
with open(os.path.join(buckets, bucket, "parts", "big ü+%"), "rb") as stored:
    assert stored.read() == big
s3.download_file(bucket, "parts/big ü+%", os.path.join(work, "again"))
with open(os.path.join(work, "again"), "rb") as again:
    assert again.read() == big
with open(os.path.join(work, "big"), "rb") as body:
    s3.put_object(Bucket=bucket, Key="streamed", Body=body)
assert s3.head_object(Bucket=bucket, Key="streamed")["ContentLength"] == len(big)
assert s3.get_object(Bucket=bucket, Key="streamed", Range="bytes=5-9")["Body"].read() == big[5:10]

keys = ["list/%04d %% +ü" % i for i in range(1, 1202)]
for key in keys:
    os.makedirs(os.path.join(buckets, bucket, "list"), exist_ok=True)
    open(os.path.join(buckets, bucket, key), "w").close()
pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="list/"))
assert [o["Key"] for page in pages for o in page["Contents"]] == keys and len(pages) == 2

s3.put_object(Bucket=bucket, Key="signed ü", Body=b"hello")
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "signed ü"})
assert "Signature=" in url, url
assert urllib.request.urlopen(url).read() == b"hello"
for version in ("s3", "s3v4"):
    signer = boto3.client("s3", config=boto3.session.Config(signature_version=version))
    url = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "put"})
    urllib.request.urlopen(urllib.request.Request(url, version.encode(), {"Content-Type": ""}, method="PUT"))
    assert s3.get_object(Bucket=bucket, Key="put")["Body"].read() == version.encode()
    try:
        urllib.request.urlopen(url.replace("put", "got"))
        assert False
    except urllib.error.HTTPError as e:
        assert e.code == 403

s3.copy({"Bucket": bucket, "Key": "parts/big ü+%"}, bucket, "copy")
assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == big
resource = boto3.resource("s3").Bucket(bucket)
assert error(s3.delete_bucket, Bucket=bucket) == "409 BucketNotEmpty"
resource.objects.all().delete()
s3.delete_bucket(Bucket=bucket)
assert not os.path.exists(os.path.join(buckets, bucket))
print("all is well")
