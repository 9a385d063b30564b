import pytest

from service import Service


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="the large forms of the tests: minutes instead of seconds")


@pytest.fixture(scope="session")
def full(request):
    return request.config.getoption("--full")


@pytest.fixture
def start():
    """Starts services; at the end of the test they end, and nothing of them may be left."""
    services = []

    def start(configuration="", fronts=2):
        services.append(Service(configuration, fronts))
        return services[-1].start()

    yield start
    for service in services:
        service.discard()


@pytest.fixture(scope="module")
def jobd():
    """One service for the tests of a module that leave it as it was."""
    service = Service()
    yield service.start()
    service.discard()

def pytest_make_parametrize_id(val, argname):
    """Names a case by what it is, never by bytes that a terminal or a report cannot show."""
    if isinstance(val, bytes) or (isinstance(val, str) and (len(val) > 60 or not (val.isascii() and val.isprintable()))):
        return f"{argname}-of-{len(val)}"
    return None
