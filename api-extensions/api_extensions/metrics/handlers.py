"""GET /metrics: for a monitor on the inner network; the gateway leads nobody here."""

from aiohttp import web
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from api_extensions.keys import GAUGES
from api_extensions.metrics.gauges import Gauges

routes = web.RouteTableDef()


@routes.get("/metrics")
async def handle_metrics(request: web.Request) -> web.Response:
    """Show what this process has counted, and the state of the whole system."""
    body = await exposition(request.app[GAUGES])
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def exposition(gauges: Gauges) -> bytes:
    """Return both in the text format of Prometheus."""
    await gauges.refresh()
    system = CollectorRegistry()
    system.register(gauges)
    return generate_latest(REGISTRY) + generate_latest(system)
