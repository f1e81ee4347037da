"""Around every request: headers, the built front end, the size of bodies. Async, so that nothing changes threads."""

from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import async_only_middleware
from whitenoise.middleware import WhiteNoiseMiddleware

from dashboard import errors

Next = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "microphone", "geolocation", "payment", "usb", "serial", "midi", "display-capture")
)


@async_only_middleware
def headers(get_response: Next) -> Next:
    """Refuse device features to every page, and keep what is not a hashed file out of every cache."""

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response = await get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


@async_only_middleware
def verbs(get_response: Next) -> Next:
    """Say in words that an address does not take this kind of request: Django and ninja leave the answer empty."""

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response = await get_response(request)
        if response.status_code != 405:
            return response
        refusal = errors.answer(request, "wrong-verb")
        refusal["Allow"] = response.get("Allow", "")
        return refusal

    return middleware


def largest(path: str) -> int:
    """Bytes of the largest body that an address takes."""
    return settings.MAX_UPLOAD if path in settings.UPLOADS else settings.MAX_BODIES.get(path, settings.MAX_BODY)


@async_only_middleware
def bodies(get_response: Next) -> Next:
    """Refuse a body that is too large, or that does not say how large it is, before anything reads it."""

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        if "Transfer-Encoding" in request.headers:
            return errors.answer(request, "no-length")
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            return errors.answer(request, "no-length")
        most = largest(request.path_info)
        if length > most:
            hint = f"Send at most {most // 1024:,} KB."
            return errors.answer(request, errors.problem("too-large", "The body of the request is too large.", hint))
        return await get_response(request)

    return middleware


class StaticFiles:
    """WhiteNoise's files and headers, without leaving the event loop. They are small and read at once."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.whitenoise = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        file = self.whitenoise.files.get(request.path_info)
        if file is None:
            return await self.get_response(request)
        found = file.get_response(request.method, request.META)
        response = HttpResponse(status=int(found.status))
        if found.file is not None:
            with found.file as content:
                response.content = content.read()
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
