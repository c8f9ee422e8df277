#!/usr/bin/env bash
# Fetches two Debian packages of human expository prose that training reads (training/debian_texts.py) and unpacks them into
# the folder $1; installs nothing. Does nothing when they are there.
set -euo pipefail
mkdir -p "$1"
cd "$1"
for package in anarchism dict-foldoc; do
    [ ! -d "$package" ] || continue
    # A machine that has never asked its mirror knows no packages.
    [ -n "$(apt-cache show "$package" 2>/dev/null)" ] || {
        sudo=
        [ "$(id -u)" -eq 0 ] || sudo=sudo
        $sudo apt-get update -q
    }
    rm -rf "$package"_*.deb "$package.part"
    apt-get download -q "$package"
    echo "debian-texts: $(echo "$package"_*.deb)" >&2
    dpkg-deb --extract "$package"_*.deb "$package.part"
    mv "$package.part" "$package"
    rm "$package"_*.deb
done
