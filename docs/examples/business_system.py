"""Invites a citizen to rate and waits until they have: python business_system.py PORT CASE_NUMBER, token in RATING_TOKEN."""

import json
import os
import sys

from websockets.sync.client import connect

port, case = sys.argv[1:]
token = {"Authorization": f"Bearer {os.environ['RATING_TOKEN']}"}
with connect(f"ws://127.0.0.1:{port}/v1", additional_headers=token, proxy=None) as terminal:
    terminal.send(json.dumps({"method": "invite", "ticket": {"case": case, "kind": "即办件"}}))
    answer = json.loads(terminal.recv())
    if not answer["ok"]:
        sys.exit(f"not invited: {answer['error']}")
    for message in terminal:
        told = json.loads(message)
        if told.get("invitation") == answer["invitation"]:
            print(told["outcome"])
            break
