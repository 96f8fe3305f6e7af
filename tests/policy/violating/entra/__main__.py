"""A provider of Entra's resources that takes whatever it is told: what rules judge comes before any provider's work."""

import sys

from pulumi.provider.experimental.provider import CheckRequest, CheckResponse, CreateRequest, CreateResponse, Provider
from pulumi.provider.experimental.server import main


class Entra(Provider):
    """Previews everything as it is wished for."""

    async def check(self, request: CheckRequest) -> CheckResponse:
        return CheckResponse(inputs=request.new_inputs)

    async def create(self, request: CreateRequest) -> CreateResponse:
        return CreateResponse(resource_id="previewed", properties=request.properties)


main(sys.argv[1:], "6.11.1", Entra())
