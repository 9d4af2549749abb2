import { openBoxClient } from "../connect/index.ts";
import { mountPage } from "../parts/index.ts";
import { openSession } from "../stores/index.ts";
import DeskApp from "./DeskApp.vue";
import { openDesk } from "./desk.ts";

const client = await openBoxClient("/ws");
const session = openSession(client, { roles: ["admin", "agent"] });
mountPage(DeskApp, { session, desk: openDesk(client, session) });
await session.check();
