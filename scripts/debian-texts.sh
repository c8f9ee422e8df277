#!/usr/bin/env bash
# Fetches two Debian packages of human expository prose that training reads (training/debian_texts.py) and unpacks them into
# the folder $1; installs nothing. Does nothing when they are there.
set -euo pipefail
mkdir -p "$1"
cd "$1"
for package in anarchism dict-foldoc; do
    [ ! -d "$package" ] || continue
    # A machine that has never asked its mirror knows no packages.
    apt-get download -q "$package" 2>/dev/null || {
        sudo=
        [ "$(id -u)" -eq 0 ] || sudo=sudo
        $sudo apt-get update -q
        apt-get download -q "$package"
    }
    rm -rf "$package.part"
    dpkg-deb --extract "$package"_*.deb "$package.part"
    mv "$package.part" "$package"
    rm "$package"_*.deb
done
