"""What it costs to be somebody: an owner that the web server names, and one with a token, beside nobody."""

import http.client
import json
import uuid

import peers
import sites
from load import wrk
from rounds import Row, take_turns

JOBS = 1000
CONFIGURATION = """
[access]
anonymous = "ids"
[quota.owner]
openJobs = 0
"""


def road(service, owner=""):
    """nginx before the fronts of a service, which names an owner, or nobody; the port."""
    named = f"fastcgi_param JOBD_OWNER {owner};" if owner else ""
    return sites.nginx(
        f"fastcgi_pass unix:{service.directory}/run/fastcgi.sock; include {sites.PARAMETERS}; {named}")


def make(port, headers, count):
    """Jobs under ids that cannot be guessed; their addresses."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    paths = []
    for _ in range(count):
        body = {"jobId": str(uuid.uuid4()), "jobType": "benchmark", "metadata": json.loads(peers.PAYLOAD)}
        connection.request("POST", "/api/jobs", json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        answer.read()
        paths.append(f"/api/jobs/{body['jobId']}")
    return paths


def run(scale):
    with peers.jobd(CONFIGURATION) as service:
        token = service.jobctl("token", "--owner", "ann", check=0).stdout.strip()
        with road(service) as plain, road(service, "ann") as ann:
            who = {"nobody": (plain, {}), "owner": (ann, {}), "token": (plain, {"Authorization": f"Bearer {token}"})}
            subjects = {}
            for name, (port, headers) in who.items():
                paths = make(port, headers, scale.of(JOBS))
                subjects[f"GET {name}"] = lambda port=port, paths=paths, headers=headers: wrk(
                    port, paths, scale, headers=headers)
                subjects[f"POST {name}"] = lambda port=port, headers=headers: wrk(
                    port, ["/api/jobs"], scale, method="POST", body=peers.BODY, headers=headers)
            figures = take_turns(subjects, scale)
    return [
        Row(f"`{what}` by {name}", "/s", figures[f"{method} {who}"], "the same by nobody", figures[f"{method} nobody"], "≥ 0.95")
        for method, what in (("GET", "GET /api/jobs/{id}"), ("POST", "POST /api/jobs"))
        for who, name in (("owner", "an owner whom nginx names"), ("token", "an owner with a token"))]
