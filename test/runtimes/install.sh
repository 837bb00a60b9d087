#!/bin/sh
# Installs the browsers and their drivers on a fresh Debian, as root; does nothing where they are there already.
# Everything else that the runtimes need comes from npm.
set -e
for program in chromium chromedriver firefox-esr WebKitWebDriver Xvfb; do
  command -v "$program" > /dev/null || missing=1
done
[ -n "$missing" ] || exit 0
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
  chromium chromium-driver firefox-esr libwebkit2gtk-4.1-0 webkit2gtk-driver xvfb
