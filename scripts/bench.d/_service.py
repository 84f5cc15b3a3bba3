"""The service with one more route, which does nothing: what any POST to it costs. Run with `python -P`."""

import sys

import uvicorn

from dispatch.service.http.app import create_app

app = create_app()


@app.post("/empty")
async def empty() -> dict[str, str]:
    return {}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
