import { ConfiguredLine, FoundDevice, OutsideLine, TextMessage } from "@sitebox/core/contract";

const HOUR_MS = 3_600_000;
const OWNER = "云栖湖畔酒店有限公司";

const port = (number: number, digits: string, yuan: number, bars: number, extra: object = {}) => ({
  port: number,
  state: "idle",
  number: digits,
  radio: { bars, dbm: -113 + bars * 12, operator: number < 4 ? "中国移动" : "中国联通", technology: "LTE" },
  balance: { yuan, at: Date.now() - 5 * HOUR_MS },
  ...extra,
});

const quality = (figures: object) => ({
  callsIn: 0,
  callsOut: 0,
  answered: 0,
  failed: 0,
  minutes: 0,
  textsIn: 0,
  textsOut: 0,
  textsFailed: 0,
  outages: 0,
  downMinutes: 0,
  ...figures,
});

/** A carrier, a modem that works and one without its SIM, a gateway of eight ports, a card. */
export const recordedLines = (nowAt: number): readonly OutsideLine[] =>
  [
    {
      name: "telecom",
      kind: "sip",
      state: "up",
      calls: 2,
      maxCalls: 30,
      numbers: ["057187654321"],
      can: { text: false, ussd: false, balance: false },
      quality: quality({ callsIn: 212, callsOut: 64, answered: 51, failed: 1, minutes: 437, mos: 4.3 }),
    },
    {
      name: "backup",
      kind: "sip",
      state: "down",
      fault: "login-refused",
      reason: "403 Forbidden",
      calls: 0,
      maxCalls: 10,
      numbers: [],
      can: { text: false, ussd: false, balance: false },
      quality: quality({ outages: 1, downMinutes: 1_440 }),
    },
    {
      name: "gsm-front",
      kind: "gsm",
      state: "up",
      calls: 1,
      maxCalls: 1,
      numbers: ["13900001111"],
      can: { text: true, ussd: true, balance: true },
      radio: { bars: 4, dbm: -71, operator: "中国移动", technology: "LTE" },
      balance: { yuan: 6.4, at: nowAt - 3 * HOUR_MS },
      lowBalance: true,
      warnings: ["texts-nearly-full"],
      device: {
        model: "Quectel EC25",
        firmware: "EC25EFAR06A06M4G",
        imei: "861107030012345",
        iccid: "89860012345678901234",
        usbPath: "1-1.2",
      },
      quality: quality({
        callsIn: 31,
        callsOut: 18,
        answered: 12,
        failed: 2,
        minutes: 63,
        textsIn: 14,
        textsOut: 19,
        textsFailed: 1,
        outages: 1,
        downMinutes: 2,
        mos: 3.6,
      }),
      left: { callsThisHour: 57, minutesToday: 552, textsToday: 181 },
    },
    {
      name: "gsm-lobby",
      kind: "gsm",
      state: "down",
      fault: "no-sim",
      reason: "+CME ERROR: 10",
      calls: 0,
      maxCalls: 1,
      numbers: ["18600002222"],
      can: { text: true, ussd: true, balance: true },
      radio: { bars: 0 },
      device: { model: "SIMCom SIM7600CE", firmware: "LE11B08SIM7600CE", imei: "868822040054321", usbPath: "1-1.3" },
      quality: quality({ callsIn: 4, outages: 2, downMinutes: 96, textsIn: 1 }),
      left: { callsThisHour: 60, minutesToday: 600, textsToday: 200 },
    },
    {
      name: "gateway-8",
      kind: "gateway",
      state: "up",
      calls: 2,
      maxCalls: 8,
      numbers: ["13800010001", "13800010002", "13800010003", "13800010004", "18600010005", "18600010006"],
      can: { text: true, ussd: true, balance: true },
      device: { model: "Dinstar UC2000-VE-8G", firmware: "01.21.03.06" },
      ports: [
        port(0, "13800010001", 52.3, 5, { state: "busy" }),
        port(1, "13800010002", 48.1, 4),
        port(2, "13800010003", 8.6, 4, { state: "busy" }),
        port(3, "13800010004", 61, 3),
        port(4, "18600010005", 30.2, 2),
        port(5, "18600010006", 0, 0, { state: "down", fault: "registration-denied", reason: "registration denied (3)" }),
        { port: 6, state: "down", fault: "no-sim" },
        { port: 7, state: "down", fault: "switched-off" },
      ],
      quality: quality({
        callsIn: 40,
        callsOut: 122,
        answered: 88,
        failed: 5,
        minutes: 301,
        textsIn: 22,
        textsOut: 80,
        mos: 3.9,
      }),
      left: { callsThisHour: 41, minutesToday: 299, textsToday: 120 },
    },
    {
      name: "analogue",
      kind: "dahdi",
      state: "up",
      calls: 0,
      maxCalls: 3,
      numbers: ["057180001234", "057180001235"],
      can: { text: false, ussd: false, balance: false },
      device: { model: "TDM410P" },
      ports: [
        { port: 1, state: "idle", number: "057180001234" },
        { port: 2, state: "down", number: "057180001235", fault: "no-line" },
        { port: 3, state: "idle", number: "8201" },
        { port: 4, state: "idle", number: "8202" },
      ],
      quality: quality({ callsIn: 17, callsOut: 9, answered: 7, minutes: 38, outages: 1, downMinutes: 54 }),
      left: { callsThisHour: 60, minutesToday: 562, textsToday: 200 },
    },
  ].map((line) => OutsideLine.parse(line));

const sim = (number: string) => ({ number, owner: OWNER, purpose: "前台来电与通知" });

/** How they are configured; the carrier stands in `sip.trunks` of the configuration file and has no settings of this kind. */
export const recordedLineConfigs = (): readonly ConfiguredLine[] =>
  [
    { name: "backup", origin: "file", config: { kind: "sip", name: "backup", host: "sip.backup.example", user: "87654321" } },
    {
      name: "gsm-front",
      origin: "page",
      config: { kind: "gsm", name: "gsm-front", sim: sim("13900001111"), imei: "861107030012345", lowBalanceYuan: 10 },
    },
    {
      name: "gsm-lobby",
      origin: "page",
      config: { kind: "gsm", name: "gsm-lobby", sim: sim("18600002222"), usbPath: "1-1.3" },
    },
    {
      name: "gateway-8",
      origin: "page",
      config: {
        kind: "gateway",
        name: "gateway-8",
        maker: "dinstar",
        host: "192.168.1.60",
        management: { user: "admin", tls: true },
        ports: [0, 1, 2, 3].map((index) => ({ port: index, sim: sim(`1380001000${index + 1}`) })),
      },
    },
    {
      name: "analogue",
      origin: "page",
      config: {
        kind: "dahdi",
        name: "analogue",
        ports: [
          { type: "fxo", channel: 1, line: { number: "057180001234", owner: OWNER, purpose: "前台来电" } },
          { type: "fxs", channel: 3, extension: "8201" },
        ],
      },
    },
  ].map((line) => ConfiguredLine.parse(line));

export const recordedDevices = (): readonly FoundDevice[] =>
  [
    {
      usbPath: "1-1.4",
      usbId: "2c7c:0125",
      model: "Quectel EC20",
      profile: "quectel-ec2x",
      imei: "861107030067890",
      iccid: "89860112345678905678",
      operator: "中国联通",
    },
    {
      usbPath: "1-1.5",
      usbId: "12d1:1506",
      model: "Huawei E1750",
      profile: "huawei-e",
      imei: "353142030098765",
      fault: "no-sim",
    },
  ].map((device) => FoundDevice.parse(device));

export const recordedTexts = (nowAt: number): readonly TextMessage[] =>
  [
    { ageMinutes: 4, direction: "in", number: "13857126640", text: "806空调坏了", state: "received", ticketId: "t-10017" },
    {
      ageMinutes: 3.8,
      direction: "out",
      number: "13857126640",
      text: "已为您登记，工单号 10017，维修人员张伟马上联系您。回复“取消”可以撤销。",
      state: "delivered",
      ticketId: "t-10017",
    },
    { ageMinutes: 26, direction: "out", number: "13605718832", text: "您的快递已送到 615 房间。", state: "sent" },
    {
      ageMinutes: 47,
      direction: "out",
      number: "18758209931",
      text: "会议室明早七点起可以布置，请到前台领取门卡。如需投影仪和茶歇，请在今晚九点前回复数量，我们会提前准备好；停车请走西门，凭房卡免费。",
      state: "failed",
      reason: "the network is out of order (+CMS ERROR: 38)",
    },
    {
      ageMinutes: 90,
      direction: "in",
      number: "10086",
      text: "【余额提醒】您的话费余额为6.40元，请及时充值。",
      state: "received",
    },
    { ageMinutes: 1_500, direction: "out", number: "13738012247", text: "感谢入住，祝您旅途愉快。", state: "waiting" },
  ].map(({ ageMinutes, ...text }, index) =>
    TextMessage.parse({ ...text, id: `sms-${index + 1}`, line: "gsm-front", at: nowAt - ageMinutes * 60_000 }),
  );
