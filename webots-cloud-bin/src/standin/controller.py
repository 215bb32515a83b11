"""The part of Webots' Python interface that the stand-in knows, and what starts a controller.

Given to python3 as `-c`, with the controller's script as the first argument. The script imports
this as `controller`, as it would with Webots.
"""
import os
import sys


def _encode(text):
    return ''.join(chr(b) if chr(b).isalnum() and b < 128 or b in b'_.-' else '%%%02X' % b
                   for b in str(text).encode('utf-8', 'replace'))


def _decode(text):
    parts = text.split('%')
    out = bytearray(parts[0].encode('utf-8', 'replace'))
    for part in parts[1:]:
        try:
            out.append(int(part[:2], 16))
            out += part[2:].encode('utf-8', 'replace')
        except ValueError:
            out += ('%' + part).encode('utf-8', 'replace')
    return out.decode('utf-8', 'replace')


class Device:
    def __init__(self, robot, name):
        self._robot = robot
        self._name = name

    def getName(self):
        return self._name


class Motor(Device):
    def __init__(self, robot, name):
        super().__init__(robot, name)
        self._velocity = 0.0

    def setPosition(self, position):
        pass  # wheels only: speed control

    def setVelocity(self, velocity):
        self._velocity = float(velocity)
        self._robot._send('motor %s %r' % (_encode(self._name), self._velocity))

    def getVelocity(self):
        return self._velocity


class Sensor(Device):
    def enable(self, period):
        pass  # all are measured in every step

    def disable(self):
        pass

    def getValues(self):
        return list(self._robot._values.get(self._name, [0.0, 0.0, 0.0]))

    def getRollPitchYaw(self):
        return self.getValues()

    def getValue(self):
        return self._robot._values.get(self._name, [0.0])[0]


class Node:
    """A body of the world, for supervisors."""

    def __init__(self, robot, name):
        self._robot = robot
        self._def = name

    def getPosition(self):
        return list(self._robot._others.get(self._def, [0.0, 0.0, 0.0]))

    def getField(self, name):
        if name != 'translation':
            sys.stderr.write('the stand-in knows the field translation only, not %s\n' % name)
            return None
        return self

    def getSFVec3f(self):
        return self.getPosition()

    def setSFVec3f(self, place):
        self._robot._send('place %s %r %r %r' % ((_encode(self._def),) + tuple(float(x) for x in place)))

    def resetPhysics(self):
        pass  # a placed body is at rest


class Robot:
    def __init__(self):
        self._values, self._others, self._messages, self._devices = {}, {}, [], {}
        self._time = 0.0
        self._lines = []
        words = sys.stdin.readline().split()
        if not words or words[0] != 'init':
            sys.exit('the stand-in said nothing')
        init = dict(word.split('=', 1) for word in words[1:])
        self._name, self._custom = _decode(init['name']), _decode(init['custom'])
        self._step = float(init['time_step'])
        self._supervisor = init['supervisor'] == '1'
        names = lambda key: [_decode(name) for name in init[key].split(',') if name]
        self._devices.update((name, Motor(self, name)) for name in names('motors'))
        self._devices.update((name, Sensor(self, name)) for name in names('sensors'))

    def _send(self, line):
        self._lines.append(line)

    def _flush(self):
        sys.stdout.write(''.join(line + '\n' for line in self._lines))
        sys.stdout.flush()
        self._lines = []

    def getName(self):
        return self._name

    def getBasicTimeStep(self):
        return self._step

    def getTime(self):
        return self._time / 1000.0

    def getCustomData(self):
        return self._custom

    def getSupervisor(self):
        return self._supervisor

    def getDevice(self, name):
        if name not in self._devices:
            sys.stderr.write('device "%s" was not found on robot "%s"\n' % (name, self._name))
        return self._devices.get(name)

    def step(self, duration=None):
        self._send('done %r' % float(self._step if duration is None else duration))
        self._flush()
        while True:
            line = sys.stdin.readline()
            if not line:
                return -1
            words = line.split()
            if words and words[0] == 'message' and len(words) > 1:
                self._messages.append(_decode(words[1]))
            elif words and words[0] == 'step':
                self._time = float(words[1])
                for word in words[2:]:
                    name, values = word.split('=', 1)
                    values = [float(value) for value in values.split(',')]
                    if name.startswith('@'):
                        self._others[_decode(name[1:])] = values
                    else:
                        self._values[_decode(name)] = values
                return 0

    def wwiSendText(self, text):
        self._send('message ' + _encode(text))

    def wwiReceiveText(self):
        return self._messages.pop(0) if self._messages else None

    def getFromDef(self, name):
        return Node(self, name)

    def setLabel(self, number, text, x, y, size, color, transparency=0, font='Arial'):
        self._send('label %d %r %r %r %06x %s' % (number, float(x), float(y), float(size), color, _encode(text)))


class Supervisor(Robot):
    pass


if __name__ == '__main__':
    import runpy
    os.closerange(3, 256)
    sys.stdout.reconfigure(line_buffering=True)
    sys.modules['controller'] = sys.modules['__main__']
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(sys.argv[0])
    runpy.run_path(sys.argv[0], run_name='__main__')
