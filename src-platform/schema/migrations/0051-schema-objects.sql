-- What the catalog said of every object after the last migration, so that a change made by hand shows.
set local role td_owner;

create table platform.schema_objects (
  name text primary key,
  digest text not null,
  server_major integer not null
);
comment on table platform.schema_objects is 'A digest of each table, policy, trigger, function and view as the runner left it. PostgreSQL words its catalog anew in each major version.';
