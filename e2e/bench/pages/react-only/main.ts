// The least that a page of React can be: one heading.
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

const place = document.querySelector('#root');
if (place) createRoot(place).render(createElement('h1', null, 'TenantDesk'));
