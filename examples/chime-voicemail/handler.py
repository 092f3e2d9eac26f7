"""Voicemail: a greeting, a message that is recorded, and thanks. The recording lies in the bucket of VOICEMAIL_BUCKET."""

import os

BUCKET = os.environ.get("VOICEMAIL_BUCKET", "voicemail")


def lambda_handler(event, context):
    kind = event["InvocationEventType"]
    leg = event["CallDetails"]["Participants"][0]["CallId"]
    if kind == "NEW_INBOUND_CALL":
        return answer(
            speak(leg, "Nobody is here. Please leave a message, and press the hash key."),
            record(leg),
        )
    if kind == "ACTION_SUCCESSFUL" and event["ActionData"]["Type"] == "RecordAudio":
        print("recorded", event["ActionData"]["RecordingDestination"]["Key"])
        return answer(speak(leg, "Thank you."), hangup("0"))
    if kind == "ACTION_FAILED":
        return answer(hangup("480"))
    return answer()


def answer(*actions):
    return {"SchemaVersion": "1.0", "Actions": list(actions)}


def speak(leg, text):
    return {"Type": "Speak", "Parameters": {"CallId": leg, "Text": text}}


def record(leg):
    return {
        "Type": "RecordAudio",
        "Parameters": {
            "CallId": leg,
            "DurationInSeconds": "60",
            "SilenceDurationInSeconds": 3,
            "RecordingTerminators": ["#"],
            "RecordingDestination": {"Type": "S3", "BucketName": BUCKET, "Prefix": "messages/"},
        },
    }


def hangup(code):
    return {"Type": "Hangup", "Parameters": {"SipResponseCode": code}}
