# Makes the guest a terminal: set up as the README says, then booted, with systemd as its first process.
#
# Sourced, with UNIT set, by the guest's first process: a busybox shell in the initial RAM disk, once the guest's disk is at
# /new. What plays the case becomes a service among others. Nothing is fetched: the folder of the case's output holds what is
# installed (terminal.tar) and the terminal's environment (KIOSK_DSN).

B=/bin/busybox
own_init=/new$($B sed -n 's/^exec.* switch_root [^ ]* *//p' /init)
$B mount -t sysfs sys /new/sys
$B mkdir -p /new/etc/lab /new/src /new/out
$B mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none out /new/out
$B mount --move /s /new/src

# The heads of README, unit and udev rule in their words, but for the environment of its own: that one is filled outside, where
# a processor is not emulated. The guest has a user of that name for other cases.
$B cat >/new/etc/lab/deploy <<'DEPLOY'
set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
userdel --remove kiosk 2>/dev/null || true
python3 -m venv --without-pip /opt/kiosk
tar -x -C /opt/kiosk/lib/python3.11/site-packages -f /out/terminal.tar
sed '1s,.*,#!/opt/kiosk/bin/python3,' /opt/kiosk/lib/python3.11/site-packages/bin/kiosk >/opt/kiosk/bin/kiosk
chmod 755 /opt/kiosk/bin/kiosk
cd /src
adduser --quiet --system --group --home /var/lib/kiosk kiosk
mkdir -p /etc/kiosk
cp tests/lab/kiosk.toml /etc/kiosk/
install -m 600 /out/environment /etc/kiosk/environment
cp deploy/udev/70-kiosk-scanner.rules /etc/udev/rules.d/
cp deploy/foot/foot.ini /etc/kiosk/ && cp deploy/systemd/$1.service /etc/systemd/system/
systemd-machine-id-setup
systemctl disable getty@tty1 && systemctl enable $1
DEPLOY
$B chroot /new /bin/sh -ex /etc/lab/deploy "$UNIT" || echo "machine: not set up"

# An emulated processor, on a machine that others use as well, starts nothing within the time of the unit.
$B mkdir -p /new/etc/systemd/system/$UNIT.service.d
printf '[Service]\nTimeoutStartSec=900\n' >/new/etc/systemd/system/$UNIT.service.d/emulated.conf

# A signal that hangs the program and lets it live: its main thread, and with it the event loop, sleeps.
echo 'import signal; signal.signal(signal.SIGUSR1, lambda *_: __import__("time").sleep(1e6))' \
    >/new/opt/kiosk/lib/python3.11/site-packages/hang.pth

# What plays the case is the last thing that the guest's own init does.
{
    echo 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8'
    echo 'B=/bin/busybox; udevadm settle -t 60'
    echo 'for name in /sys/class/net/e*; do name=${name##*/}'
    echo '$B ip addr add 10.0.2.15/24 dev $name; $B ip link set $name up; done; $B ip route add default via 10.0.2.2'
    $B tail -n 1 "$own_init"
} >/new/etc/lab/agent
$B cat >/new/etc/systemd/system/lab.service <<'UNIT'
[Unit]
Description=What plays the case

[Service]
ExecStart=/bin/sh /etc/lab/agent

[Install]
WantedBy=multi-user.target
UNIT
$B chroot /new systemctl enable lab
$B mkdir -p /new/var/log/journal
$B umount /new/sys /new/proc
exec $B switch_root /new /sbin/init
