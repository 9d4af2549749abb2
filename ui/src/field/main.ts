import { createRouter, createWebHashHistory } from "vue-router";
import { openBoxClient } from "../connect/index.ts";
import { browserClock } from "../kit/index.ts";
import { mountPage } from "../parts/index.ts";
import { openSession } from "../stores/index.ts";
import FieldApp from "./FieldApp.vue";
import { openField } from "./field.ts";
import JobList from "./JobList.vue";
import JobPage from "./JobPage.vue";

const client = await openBoxClient("/ws");
const session = openSession(client, { roles: ["staff"], remember: localStorage });
const field = openField({ client, session, storage: localStorage, clock: browserClock });
const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", component: JobList },
    { path: "/jobs/:id", component: JobPage, props: true },
  ],
});
mountPage(FieldApp, { session, field }, (app) => app.use(router));
// Only secure pages may keep a shell; over plain HTTP the page works as long as the box is near.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/field/service-worker.js", { scope: "/field/" }).catch(() => undefined);
}
await session.check();
