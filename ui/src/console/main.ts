import { createRouter, createWebHashHistory } from "vue-router";
import { openHeadquartersClient } from "../connect/index.ts";
import { mountPage } from "../parts/index.ts";
import { openSession } from "../stores/index.ts";
import BoxesPage from "./BoxesPage.vue";
import ClaimsPage from "./ClaimsPage.vue";
import ConsoleApp from "./ConsoleApp.vue";
import { openConsole } from "./console.ts";
import OverviewPage from "./OverviewPage.vue";
import TicketsPage from "./TicketsPage.vue";

const client = await openHeadquartersClient();
const session = openSession(client, { roles: ["admin", "operator"] });
const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", component: OverviewPage },
    { path: "/boxes", component: BoxesPage },
    // With its charts, which no other page needs.
    { path: "/boxes/:box", component: () => import("./BoxPage.vue"), props: true },
    { path: "/tickets", component: TicketsPage },
    { path: "/claims", component: ClaimsPage },
  ],
});
mountPage(ConsoleApp, { session, console: openConsole(client, session) }, (app) => app.use(router));
await session.check();
