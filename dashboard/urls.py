"""Every address of the web process but the WebSocket's."""

from django.urls import path

from dashboard import views

urlpatterns = [
    path("", views.page, name="cluster"),
    path("tree", views.page, name="tree"),
    path("healthz", views.health, name="health"),
]

handler400 = "dashboard.errors.bad_request"
handler403 = "dashboard.errors.permission_denied"
handler404 = "dashboard.errors.page_not_found"
handler500 = "dashboard.errors.server_error"
