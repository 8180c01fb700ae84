import { integerBetween, weightedPick, type Random } from '../../local/seeded-random.ts';
import type { IsolationScene, Reader, Relation } from './scene.ts';

/** A query of one role. */
export interface RandomQuery {
  /** Its `row` is text. */
  readonly sql: string;
  /** The same question with the filter for these tenants written out, for somebody who sees all; null: it can't be put so. */
  readonly truth: ((allowed: readonly string[]) => string) | null;
  /** It has to be refused with 42501. */
  readonly refused: boolean;
}

/** Makes queries over everything a reader may read, and some over what they may not. */
export function randomQueries(scene: IsolationScene, random: Random): (reader: Reader) => RandomQuery {
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('Nothing to pick from.');
    return item;
  };
  const chance = (share: number): boolean => random() < share;
  const tenant = (): string => `'${pick(scene.tenants).id}'`;

  /** A condition on alias `a` of a table with a tenant; values are those of any tenant. */
  function condition(alias: string, { columns }: Relation, other: Relation, depth = 0): string {
    const text = `${alias}.${pick(columns)}::text`;
    const nested = (): string => condition(alias, { ...other, columns }, other, depth + 1);
    const choices = [
      'true',
      `${alias}.tenant_id is not null`,
      `${alias}.tenant_id = ${tenant()}`,
      `${alias}.tenant_id <> ${tenant()}`,
      `${alias}.tenant_id in (${tenant()}, ${tenant()})`,
      `${text} like '%${pick(scene.tenants).mark}%'`,
      `${text} > '8'`,
      `coalesce(${text}, '') <> ''`,
      `exists (select from ⟦${other.name}⟧ x where x.tenant_id <> ${alias}.tenant_id)`,
      `${alias}.tenant_id in (select x.tenant_id from ⟦${other.name}⟧ x)`,
      // Fails on the row of that tenant, if it were looked at.
      `1 / (case when ${alias}.tenant_id = ${tenant()} then 0 else 1 end) = 1`,
    ];
    if (depth < 2 && chance(0.25)) {
      return pick([`not (${nested()})`, `(${nested()} or ${nested()})`, `(${nested()} and ${nested()})`]);
    }
    return pick(choices);
  }

  const shapes: readonly ((a: Relation, b: Relation) => string)[] = [
    (a, b) => `select to_jsonb(a) as a from ⟦${a.name}⟧ a where ${condition('a', a, b)}`,
    (a, b) =>
      `select a.${pick(a.columns)} as x, a.${pick(a.columns)} as y from ⟦${a.name}⟧ a where ${condition('a', a, b)}`,
    (a, b) => {
      const text = `a.${pick(a.columns)}::text`;
      return `select count(*), count(distinct a.tenant_id) as t, max(a.${pick(a.columns)}::text) as m,
        string_agg(distinct ${text}, ',' order by ${text}) as s from ⟦${a.name}⟧ a where ${condition('a', a, b)}`;
    },
    (a, b) =>
      `select a.tenant_id, count(*), min(a.${pick(a.columns)}::text) as m from ⟦${a.name}⟧ a
       where ${condition('a', a, b)} group by 1 having count(*) > ${integerBetween(random, 0, 2)}`,
    (a, b) =>
      `select count(*), count(distinct a.tenant_id) as x, count(distinct b.tenant_id) as y, max(b.${pick(b.columns)}::text) as m
       from ⟦${a.name}⟧ a ${pick(['join', 'left join', 'right join'])} ⟦${b.name}⟧ b
       on ${pick(['true', 'a.tenant_id = b.tenant_id', 'a.tenant_id <> b.tenant_id', condition('b', b, a)])}`,
    (a, b) =>
      `select to_jsonb(a) as a, to_jsonb(b) as b from ⟦${a.name}⟧ a full join ⟦${b.name}⟧ b on a.tenant_id = b.tenant_id
       where ${condition('a', a, b)}`,
    (a, b) =>
      `select a.tenant_id, (select count(*) from ⟦${b.name}⟧ b where ${pick(['b.tenant_id <> a.tenant_id', condition('b', b, a)])}) as n
       from ⟦${a.name}⟧ a`,
    (a, b) =>
      `with x as ${pick(['materialized', 'not materialized'])} (select * from ⟦${a.name}⟧ a where ${condition('a', a, b)}),
       y as (select tenant_id from x union all select tenant_id from ⟦${b.name}⟧)
       select tenant_id, count(*) from y group by 1`,
    (a, b) =>
      `select a.tenant_id, count(*) over () as n, count(*) over (partition by a.tenant_id) as m from ⟦${a.name}⟧ a
       where ${condition('a', a, b)}`,
    (a, b) =>
      `select tenant_id from ⟦${a.name}⟧ ${pick(['union', 'union all', 'except', 'intersect'])} select tenant_id from ⟦${b.name}⟧`,
    (a, b) =>
      `select a.tenant_id, l.m from ⟦${a.name}⟧ a cross join lateral (
         select max(b.${pick(b.columns)}::text) as m from ⟦${b.name}⟧ b where ${pick(['true', 'b.tenant_id <> a.tenant_id'])}) l`,
    (a) => `select to_jsonb(a) as a from ⟦${a.name}⟧ a order by to_jsonb(a)::text ${pick(['', 'desc'])} limit 3`,
    // Errors that quote a value, or come of a row.
    (a, b) => `select (a.${pick(a.columns)}::text)::integer as x from ⟦${a.name}⟧ a where ${condition('a', a, b)}`,
    (a, b) => `select (a.${pick(a.columns)}::text)::uuid as x from ⟦${a.name}⟧ a where ${condition('a', a, b)}`,
    (a) => `select (select a.tenant_id from ⟦${a.name}⟧ a) as x`,
    (a) => `select set_config('app.note', a.${pick(a.columns)}::text, true) as x from ⟦${a.name}⟧ a`,
  ];

  /** Questions past the tables: statistics, a sample, a partition, somebody else's data. */
  function aside(reader: Reader, relation: Relation): RandomQuery {
    const refused = scene.relations.filter(({ access }) => access[reader.role] === '-');
    const month = new Date().toISOString().slice(0, 7).replace('-', '_');
    const place = (name: string): RandomQuery => ({
      sql: asText(`select * from platform.${name}`),
      truth: null,
      refused: true,
    });
    const open = (sql: string): RandomQuery => ({ sql: asText(sql), truth: null, refused: false });
    return pick([
      () => open(`select * from pg_stats where schemaname = 'platform'`),
      () => open(`select query from pg_stat_activity where usename <> current_user`),
      () => open(`select * from platform.${relation.name} ${relation.isView ? '' : 'tablesample bernoulli (100)'}`),
      () => (reader.role === 'tenant' ? place('board') : open('select * from platform.board')),
      () => place(`usage_records_${month}`),
      () => place(pick(refused).name),
    ])();
  }

  return (reader) => {
    const mine = scene.relations.filter(
      ({ access, hasTenant, isView }) => hasTenant && !isView && access[reader.role]?.startsWith('own') === true,
    );
    const [a, b] = [pick(mine), pick(mine)];
    if (chance(0.08)) return aside(reader, a);
    const shape = weightedPick(random, shapes, () => 1)(a, b);
    return {
      sql: asText(shape.replaceAll(/⟦(\w+)⟧/g, 'platform.$1')),
      truth: (allowed) => {
        const filter = `tenant_id = any ('{${allowed.join(',')}}'::uuid[])`;
        return asText(shape.replaceAll(/⟦(\w+)⟧/g, `(select * from platform.$1 where ${filter})`));
      },
      refused: false,
    };
  };
}

const asText = (sql: string): string => `select to_jsonb(q)::text as row from (${sql}) q`;
