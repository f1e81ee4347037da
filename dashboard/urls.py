"""Every address of the web process but the WebSocket's."""

from django.urls import path

from dashboard import joining, login, views
from dashboard.api import api
from dashboard.desk import audit as desk_audit
from dashboard.desk import password as desk_password
from dashboard.desk import tokens as desk_tokens
from dashboard.metrics import scrape

urlpatterns = [
    path("", views.page, name="cluster"),
    path("tree", views.page, name="tree"),
    path("ensemble", views.page, name="ensemble"),
    path("sessions", views.page, name="sessions"),
    path("lab", views.page, name="lab"),
    path("metrics", scrape.metrics, name="metrics"),
    path("healthz", views.health, name="health"),
    path("enter/<str:token>", joining.enter, name="enter"),
    path("join/<str:token>", joining.join, name="join"),
    path("join", joining.paste, name="paste"),
    path("login", login.page, name="login"),
    path("audit", desk_audit.page, name="audit"),
    path("tokens", desk_tokens.page, name="tokens"),
    path("tokens/<int:id>/revoke", desk_tokens.revoke, name="revoke"),
    path("password", desk_password.page, name="password"),
    path("leave", joining.leave, name="leave"),
    path("api/", api.urls),
]

handler400 = "dashboard.errors.bad_request"
handler403 = "dashboard.errors.permission_denied"
handler404 = "dashboard.errors.page_not_found"
handler500 = "dashboard.errors.server_error"
