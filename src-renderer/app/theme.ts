import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** Mantine in the colours of ui/theme.css, which has them for both schemes. */
export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '17px' },
  defaultRadius: 4,
  primaryColor: 'blue',
  colors: {
    dark: [
      '#e4e7ed',
      '#c6ccd6',
      '#a0a8b6',
      '#828b9b',
      '#3a414d',
      '#2c323d',
      '#191d25',
      '#14171d',
      '#0f1115',
      '#0a0c0f',
    ],
  },
  respectReducedMotion: true,
  components: {
    Popover: { defaultProps: { transitionProps: { duration: 80 } } },
    Modal: { defaultProps: { transitionProps: { duration: 80 } } },
  },
});

const shared = {
  '--mantine-color-body': 'var(--td-raised)',
  '--mantine-color-text': 'var(--td-text)',
  '--mantine-color-dimmed': 'var(--td-dim)',
  '--mantine-color-placeholder': 'var(--td-faint)',
  '--mantine-color-default-border': 'var(--td-line-strong)',
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, dark: shared, light: shared });
