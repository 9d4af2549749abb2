import { SiteConfig } from "@sitebox/core/contract";

const buildings = [1, 2, 3, 4, 5, 6];
const floors = Array.from({ length: 18 }, (_, index) => index + 1);
/** Building, floor and door in one number, as residents say it: 三号楼一八零一 is 31801. */
const homesOf = (building: number): string[] =>
  floors.map((floor) => `${building}${String(floor).padStart(2, "0")}01-${building}${String(floor).padStart(2, "0")}04`);

const fault = (name: string, ...synonyms: string[]) => ({ name, synonyms });

/** A made-up housing estate of six buildings: what a property manager starts from. */
export const propertyTemplate: SiteConfig = SiteConfig.parse({
  name: "枫林雅苑物业",
  kind: "property",
  code: "2",
  rooms: buildings.flatMap(homesOf),
  zones: buildings.map((building) => ({ id: `building-${building}`, name: `${building}号楼`, rooms: homesOf(building) })),
  items: [
    {
      name: "水管",
      synonyms: ["水龙头", "下水", "厨房水管"],
      skill: "plumbing",
      priority: "P1",
      faults: [fault("漏水", "渗水", "爆了"), fault("堵塞", "堵了", "返水"), fault("没水", "停水"), fault("水压小", "水小")],
    },
    {
      name: "电路",
      synonyms: ["电", "电闸", "插座"],
      skill: "electrical",
      priority: "P1",
      faults: [fault("停电", "没电"), fault("跳闸", "推不上去"), fault("冒火花", "打火")],
    },
    {
      name: "电梯",
      synonyms: ["升降梯"],
      skill: "elevator",
      priority: "P1",
      faults: [fault("停运", "坏了", "不动了"), fault("有异响", "抖"), fault("门关不上", "一开一关")],
    },
    {
      name: "门禁",
      synonyms: ["单元门", "对讲"],
      skill: "access",
      faults: [fault("刷不开", "打不开"), fault("关不上"), fault("没声音")],
    },
    {
      name: "楼道灯",
      synonyms: ["路灯", "灯", "感应灯"],
      skill: "electrical",
      priority: "P3",
      faults: [fault("不亮", "坏了"), fault("闪烁", "一闪一闪")],
    },
    {
      name: "道闸",
      synonyms: ["车库门", "起落杆"],
      skill: "access",
      faults: [fault("不抬杆", "打不开"), fault("不落杆", "关不上")],
    },
    { name: "暖气", synonyms: ["地暖"], skill: "plumbing", priority: "P1", faults: [fault("不热", "冰凉"), fault("漏水")] },
    { name: "天花板", synonyms: ["屋顶", "墙面"], skill: "building", faults: [fault("漏水", "渗水"), fault("脱落", "掉皮")] },
  ],
  staff: [
    { id: "zhou-weiguo", name: "周卫国", skills: ["plumbing", "building"], zones: [] },
    { id: "wu-zhiqiang", name: "吴志强", skills: ["electrical", "access"], zones: [] },
    { id: "elevator-service", name: "电梯维保单位", skills: ["elevator"], zones: [] },
  ],
  handOffExtensions: ["8001"],
});
