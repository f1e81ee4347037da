// Puts the page together: socket, store, app, shell. Nothing is decided here.
import "./style/buttons.css";
import { Hands } from "./hands/hands";
import { ServerClock } from "./live/clock";
import { LiveSocket } from "./live/socket";
import { Store } from "./live/store";
import { Actions } from "./page/actions";
import { App } from "./page/app";
import { joinAddress } from "./page/join";
import { forPage, intentOf } from "./page/keys";
import { Loop, pace } from "./page/loop";
import { Pointed } from "./page/pointed";
import { Router } from "./page/router";
import { Shell } from "./page/shell";
import { ThemeChoice } from "./page/theme";
import { Toasts } from "./page/toasts";
import type { View } from "./page/view";
import "./style/tokens.css";
import { focusGoto } from "./tree/treepanel";

function start(root: HTMLElement): void {
  const theme = new ThemeChoice(document.documentElement);
  theme.start();
  const address = new URL(root.dataset["socket"] ?? "/live", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";

  const loop = new Loop(() => {
    const view = app.view();
    shell.draw(view, { tabs: app.tabs, dialog: app.dialog, toasts });
    return pace(view);
  });
  const store = new Store((op, topic) => socket.send({ op, topic }));
  const socket: LiveSocket = new LiveSocket(address.href, {
    opened: () => store.opened(),
    closed: () => app.closed(),
    frame: (frame) => app.take(frame),
    changed: loop.request,
  });
  const toasts = new Toasts(loop.request);
  const actions = new Actions(csrf, loop.request);
  const hands = new Hands({
    actions,
    toasts,
    store,
    redraw: loop.request,
    drawNow: loop.now,
    show: (path) => app.send({ want: "select", what: { kind: "znode", path } }),
  });
  hands.edit = (path) =>
    void import("./edit/open").then(
      ({ edit }) => edit(hands, path),
      () => toasts.add("problem", "The editor could not be loaded.", "Is the web process there? Try again."),
    );
  const app: App = new App({
    store,
    clock: new ServerClock(),
    socket: () => socket.state,
    router: new Router(window, (place) => app.arrive(place)),
    theme,
    actions,
    toasts,
    hands,
    joinAddress,
    redraw: loop.request,
    redrawSoon: loop.soon,
    role: (root.dataset["role"] ?? "") as View["role"],
    label: root.dataset["label"] ?? "",
  });
  const shell = new Shell(root, {
    confirm: app.confirm,
    close: app.closeDialog,
    leave: hands.leave,
    stay: hands.stay,
    copy: (text) => void navigator.clipboard?.writeText(text).then(() => app.copied()),
  });

  window.addEventListener("keydown", (event) => {
    if (!forPage(event)) return;
    const view = app.view();
    const intent = intentOf(event.key, view);
    if (!intent) return;
    if (intent === "escape") {
      if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
      else app.escape();
      return;
    }
    event.preventDefault();
    if (intent === "search") {
      // At once where the field is on screen: the next keys are meant for it.
      if (view.present || view.width < 1000) {
        app.send({ want: "go", to: "tree" });
        requestAnimationFrame(focusGoto);
      } else focusGoto();
    } else if (!event.repeat || intent.want === "chapter") app.send(intent);
  });
  new Pointed(window, (event) => {
    if (document.querySelector("dialog[open]")) return false;
    const intent = intentOf(" ", app.view());
    if (intent && typeof intent === "object" && !event.repeat) app.send(intent);
    return intent !== null;
  }).start();
  window.addEventListener("resize", loop.request);
  app.start();
  socket.start();
  loop.request();
}

const root = document.querySelector<HTMLElement>("#app");
if (root) start(root);
