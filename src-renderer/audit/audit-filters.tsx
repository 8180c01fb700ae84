import { useId, useState, type ReactNode } from 'react';
import type { AuditChoices } from '../../src-main/contract/audit.ts';
import { zoneName } from '../ui/format-instant.ts';
import { isNarrowed, type AuditSearch } from './audit-search.ts';
import classes from './audit-page.module.css';

export interface AuditFiltersProps {
  search: AuditSearch;
  /** Clients by name. */
  clients: readonly { id: string; name: string }[];
  choices: AuditChoices | undefined;
  onSearch: (search: AuditSearch) => void;
}

/** Which entries: each change asks the database. */
export function AuditFilters({ search, clients, choices, onSearch }: AuditFiltersProps): ReactNode {
  const [zone] = useState(() => zoneName(new Date()));
  const set = (name: keyof AuditSearch) => (value: string) => {
    const { [name]: _, ...rest } = search;
    onSearch(value === '' ? rest : { ...rest, [name]: value });
  };
  const people = (choices?.people ?? []).map(({ login, name }) => ({ value: login, label: name ?? login }));
  const actions = (choices?.actions ?? []).map((action) => ({ value: action, label: action }));
  return (
    <search className={classes['filters']} aria-label="Filter entries">
      <Choice label="Client" all="All clients" value={search.client} onValue={set('client')}>
        {[
          { value: 'platform', label: 'The platform itself' },
          ...clients.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      </Choice>
      <Choice label="Who" all="Everybody" value={search.who} onValue={set('who')}>
        {people}
      </Choice>
      <Choice label="Action" all="All actions" value={search.action} onValue={set('action')}>
        {actions}
      </Choice>
      <Moment label="From" value={search.from} onValue={set('from')} />
      <Moment label="To" value={search.to} onValue={set('to')} />
      <span className={classes['zone']}>{zone}</span>
      {isNarrowed(search) || search.client !== undefined ? (
        <button type="button" className="td-link" onClick={() => onSearch({})}>
          Show all
        </button>
      ) : null}
    </search>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  value: string | undefined;
  onValue: (value: string) => void;
  children: readonly { value: string; label: string }[];
}

function Choice({ label, all, value, onValue, children }: ChoiceProps): ReactNode {
  const id = useId();
  const unknown = value !== undefined && !children.some((choice) => choice.value === value);
  return (
    <span className={classes['filter']}>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value ?? ''} onChange={(event) => onValue(event.currentTarget.value)}>
        <option value="">{all}</option>
        {unknown ? <option value={value}>{value}</option> : null}
        {children.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </span>
  );
}

function Moment({ label, value, onValue }: Pick<ChoiceProps, 'label' | 'value' | 'onValue'>): ReactNode {
  const id = useId();
  return (
    <span className={classes['filter']}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        max="9999-12-31T00:00"
        value={value ?? ''}
        onChange={(event) => onValue(event.currentTarget.value)}
      />
    </span>
  );
}
