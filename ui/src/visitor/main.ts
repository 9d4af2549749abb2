import { openBoxClient } from "../connect/index.ts";
import { mountPage } from "../parts/index.ts";
import VisitorApp from "./VisitorApp.vue";
import { openVisitorPhone } from "./visitor-phone.ts";

const client = await openBoxClient("/ws/visitor");
mountPage(VisitorApp, { phone: openVisitorPhone(client) });
