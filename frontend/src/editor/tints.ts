/**
 * The colours of blocks in both themes: soft grounds with dark words on them in the light, dark grounds with light words
 * in the dark. Every pair of a ground and what is written or drawn on it has a contrast of at least 4.5 (tints.test.ts). Pure.
 */
import type { Category } from './catalog'

export interface Tint {
  /** What the block is filled with, and a value that it brought along (a shadow). */
  readonly ground: string
  readonly shadow: string
  readonly border: string
  /** Icons, badges and signs. */
  readonly mark: string
}

export interface Inks {
  /** Names and words of a block. */
  readonly strong: string
  /** What is said quietly: the names of inputs, comments. */
  readonly quiet: string
  /** The ground of fields that are typed into, and their text. */
  readonly field: string
  readonly fieldText: string
  readonly fieldBorder: string
  readonly missing: string
  readonly canvas: string
}

export type ThemeName = 'light' | 'dark'

/** Four colours that mean something (do, wait, decide, raw), and two that keep still. */
export const TINTS: Readonly<Record<ThemeName, Readonly<Record<Category, Tint>>>> = {
  light: {
    do: { ground: '#e6f0fc', shadow: '#eef5fd', border: '#78aae6', mark: '#0a54a6' },
    wait: { ground: '#fdf0d6', shadow: '#fef6e6', border: '#d3a13f', mark: '#7c4a00' },
    decide: { ground: '#f3e8fa', shadow: '#f8f1fc', border: '#bd93da', mark: '#6b2f91' },
    elements: { ground: '#eaf2f1', shadow: '#f3f8f7', border: '#9dbab6', mark: '#245955' },
    data: { ground: '#eef1f5', shadow: '#f6f8fa', border: '#aab6c4', mark: '#42536a' },
    raw: { ground: '#ededf0', shadow: '#f5f5f7', border: '#a9adb5', mark: '#4b5058' },
  },
  dark: {
    do: { ground: '#16304f', shadow: '#1c3757', border: '#4478b3', mark: '#a4cdfb' },
    wait: { ground: '#3b2b0e', shadow: '#443216', border: '#8d6a26', mark: '#f3c878' },
    decide: { ground: '#362042', shadow: '#3e274b', border: '#8057a0', mark: '#dfbcf5' },
    elements: { ground: '#1d3130', shadow: '#233837', border: '#4c736f', mark: '#aad6d1' },
    data: { ground: '#262d37', shadow: '#2c3440', border: '#586779', mark: '#bccada' },
    raw: { ground: '#2b2d31', shadow: '#323439', border: '#636972', mark: '#c6cbd2' },
  },
}

export const INKS: Readonly<Record<ThemeName, Inks>> = {
  light: {
    strong: '#16202f',
    quiet: '#4a5768',
    field: '#ffffff',
    fieldText: '#1d273b',
    fieldBorder: '#b6c0cd',
    missing: '#b01e1e',
    canvas: '#f6f8fb',
  },
  dark: {
    strong: '#eef2f7',
    quiet: '#b7c2cf',
    field: '#141517',
    fieldText: '#e6ebf2',
    fieldBorder: '#4d565f',
    missing: '#ff9c96',
    canvas: '#191a1c',
  },
}
