"""Drives ahead and turns away from what comes near. Uses Webots' interface."""
from controller import Robot

robot = Robot()
step = int(robot.getBasicTimeStep())
motors = [robot.getDevice(name) for name in ('left wheel motor', 'right wheel motor')]
sensors = [robot.getDevice(name) for name in ('left sensor', 'front sensor', 'right sensor')]
for motor in motors:
    motor.setPosition(float('inf'))
    motor.setVelocity(0.0)
for sensor in sensors:
    sensor.enable(step)

print('%s starts' % robot.getName())
turning = 0
while robot.step(step) != -1:
    left, front, right = (sensor.getValue() for sensor in sensors)
    if turning == 0 and min(left, front, right) < 0.15:
        turning = 1 if left > right else -1
    elif turning != 0 and min(left, front, right) > 0.25:
        turning = 0
    if turning:
        speeds = (-3.0 * turning, 3.0 * turning)
    else:
        # A gentle curve towards the side with more room.
        curve = max(-1.5, min(1.5, 2.0 * (left - right)))
        speeds = (7.0 - curve, 7.0 + curve)
    for motor, speed in zip(motors, speeds):
        motor.setVelocity(speed)
    message = robot.wwiReceiveText()
    if message:
        print('%s was told: %s' % (robot.getName(), message))
        robot.wwiSendText('I heard: ' + message)
