import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';

const NEXT: Record<MantineColorScheme, MantineColorScheme> = { dark: 'light', light: 'auto', auto: 'dark' };
const NAMES: Record<MantineColorScheme, string> = { dark: 'dark', light: 'light', auto: 'system' };
const ICONS: Record<MantineColorScheme, typeof IconMoon> = { dark: IconMoon, light: IconSun, auto: IconDeviceDesktop };

/** Dark, light, as the system: one button, its name says where it stands. */
export function ThemeSwitch(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  return (
    <button
      type="button"
      className="td-button"
      aria-label={`Theme: ${NAMES[colorScheme]}. Switch to ${NAMES[NEXT[colorScheme]]}`}
      title={`Theme: ${NAMES[colorScheme]}`}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    >
      <Icon size={15} aria-hidden="true" />
    </button>
  );
}
