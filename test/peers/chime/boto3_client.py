"""An AWS client in Python: one operation a line on standard input, its outcome a line on standard output, both JSON."""

import json
import os
import sys

import boto3
import botocore
from botocore.exceptions import ClientError

# From 1.31 on the environment alone says where a service is; before, its user does.
old = tuple(int(part) for part in botocore.__version__.split(".")[:2]) < (1, 31)
where = {"endpoint_url": os.environ["AWS_ENDPOINT_URL_CHIME_SDK_VOICE"]} if old else {}
client = boto3.client("chime-sdk-voice", region_name="us-east-1", **where)

for line in sys.stdin:
    operation, arguments = json.loads(line)
    try:
        answer = getattr(client, operation)(**arguments)
        said = {"status": answer.pop("ResponseMetadata")["HTTPStatusCode"], "answer": answer}
    except ClientError as error:
        said = {
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "error": error.__class__.__name__,
            "code": error.response["Error"]["Code"],
        }
    except Exception as error:  # what the client itself refuses
        said = {"error": error.__class__.__name__, "text": str(error)}
    print(json.dumps(said, default=str), flush=True)
