"""Runs a Python handler against the Lambda Runtime API with nothing but the standard library (3.8 or newer).

Arguments: the handler, as module.function; or the module alone, and its handler is found. Where this Python has
AWS's own client, awslambdaric, that runs the handler instead.
"""
import ast
import decimal
import http.client
import importlib
import importlib.util
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback

USUAL = ("lambda_handler", "handler", "lambdaHandler")
BASE = "/2018-06-01/runtime"


class Fault(Exception):
    """A fault of ours to tell: AWS's name for it, and a sentence."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Context:
    """What a handler gets beside its event. Names and meanings are AWS's."""

    def __init__(self, headers):
        env = os.environ.get
        self.aws_request_id = headers.get("Lambda-Runtime-Aws-Request-Id")
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.function_name = env("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = env("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env("AWS_LAMBDA_LOG_STREAM_NAME")
        self.client_context = None
        self.identity = None
        self._deadline = int(headers.get("Lambda-Runtime-Deadline-Ms") or 0)

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, text):
        print(text)


def find(module):
    """The handler's name in a file, from its text alone: importing it twice would run it twice."""
    path = os.path.join(os.getcwd(), *module.split(".")) + ".py"
    if not os.path.exists(path):
        raise Fault("Runtime.ImportModuleError", "there is no file " + path)
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read(), path)
    except SyntaxError as fault:
        raise Fault("Runtime.UserCodeSyntaxError", "%s (%s:%s)" % (fault.msg, path, fault.lineno)) from fault
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            defined |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ImportFrom):
            defined |= {alias.asname or alias.name for alias in node.names}
    named = [name for name in USUAL if name in defined]
    if len(named) == 1:
        return module + "." + named[0]
    if named:
        raise Fault("Runtime.HandlerNotFound", "%s has %s: say which is the handler" % (path, " and ".join(named)))
    raise Fault("Runtime.HandlerNotFound", "%s has no function called %s" % (path, " or ".join(USUAL)))


def load(handler):
    module, _, name = handler.rpartition(".")
    try:
        loaded = importlib.import_module(module)
    except ImportError as fault:
        missing = getattr(fault, "name", None)
        hint = ": pip install " + missing.split(".")[0] if missing and missing != module else ""
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s%s" % (module, fault, hint)) from fault
    except SyntaxError as fault:
        raise Fault(
            "Runtime.UserCodeSyntaxError", "%s (%s:%s)" % (fault.msg, fault.filename, fault.lineno)
        ) from fault
    found = getattr(loaded, name, None)
    if not callable(found):
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (name, module))
    return found


def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def described(fault):
    frames = traceback.extract_tb(fault.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__]
    return {
        "errorType": fault.kind if isinstance(fault, Fault) else type(fault).__name__,
        "errorMessage": str(fault),
        "stackTrace": ['  File "%s", line %s, in %s\n    %s\n' % tuple(frame) for frame in own],
    }


class Client:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def next(self):
        self._connection.request("GET", BASE + "/invocation/next")
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit("the Runtime API answered %s" % response.status)
        return response.headers, body

    def post(self, path, body, kind=None):
        headers = {"Content-Type": "application/json"}
        if kind:
            headers["Lambda-Runtime-Function-Error-Type"] = kind
        self._connection.request("POST", BASE + path, body, headers)
        self._connection.getresponse().read()

    def fail(self, path, fault):
        told = described(fault)
        self.post(path, json.dumps(told).encode(), told["errorType"])


def leave_with_parent():
    """A handler that loops never hears that its parent is gone. It leads a group: all that it started goes too."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


def log_to_output():
    """AWS gives the root logger a handler, which samples count on; its level stays WARNING."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(message)s"))
    logging.getLogger().addHandler(handler)


def serve(client, handler):
    while True:
        headers, body = client.next()
        path = "/invocation/" + headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            value = handler(json.loads(body), Context(headers))
            try:
                text = json.dumps(value, default=plain)
            except (TypeError, ValueError) as fault:
                raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % fault) from fault
        except Exception as fault:  # pylint: disable=broad-except
            traceback.print_exc()
            sys.stderr.flush()
            client.fail(path + "/error", fault)
        else:
            sys.stdout.flush()
            client.post(path + "/response", text.encode())


def main():
    wanted = sys.argv[1]
    root = os.getcwd()
    # This file's own folder is none of the handler's business.
    sys.path[0] = root
    client = Client(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = wanted.replace("/", ".")
        if "." not in handler.strip("."):
            handler = find(handler)
        os.environ["_HANDLER"] = handler
        if importlib.util.find_spec("awslambdaric") is not None:
            os.execv(sys.executable, [sys.executable, "-u", "-m", "awslambdaric", handler])
        threading.Thread(target=leave_with_parent, daemon=True).start()
        log_to_output()
        found = load(handler)
    except Exception as fault:  # pylint: disable=broad-except
        client.fail("/init/error", fault)
        if not isinstance(fault, Fault):
            traceback.print_exc()
        raise SystemExit(1) from None
    serve(client, found)


main()
